/** MULTI, EXEC, DISCARD, WATCH and UNWATCH. */

import { group, script } from "../script.ts";

export default group("transactions", [
  script("EXEC executes what was queued and replies with all", (t) => {
    t.all("MULTI", "SET a 1", "GET a", "INCR a", "PING", "ECHO x", "EXEC");
    t.all("GET a", "MULTI", "EXEC", "MULTI", "GET nothing", "EXEC");
    t.all("MULTI", "HSET h f 1", "HGETALL h", "SMEMBERS none", "EXEC");
    t.all("MULTI", "LRANGE none 0 -1", "ZADD z 1 m", "ZSCORE z m", "EXEC");
  }),

  script("one command's error does not stop the others", (t) => {
    t.all("SET a text", "MULTI", "INCR a", "LPUSH a 1", "SET b 1", "EXEC");
    t.all("GET b", "MULTI", "SELECT 99", "CONFIG SET nosuch 1", "EXEC");
  }),

  script("what cannot be queued aborts the transaction", (t) => {
    for (
      const line of [
        ...["NOSUCH", "SET a", "CONFIG NOSUCH", "GET", "OBJECT", "SAVE"],
        ...["PING a b", "CONFIG GET"],
      ]
    ) {
      t.all("MULTI", "SET kept 1", line, "SET more 1", "EXEC", "EXISTS kept");
    }
    t.all("MULTI", "NOSUCH", "DISCARD", "MULTI", "PING", "EXEC");
  }),

  script("EXEC, DISCARD and MULTI in the wrong place", (t) => {
    t.all("EXEC", "DISCARD", "EXEC x", "MULTI x", "DISCARD x", "WATCH");
    t.all("MULTI", "MULTI", "WATCH a", "PING", "EXEC", "EXEC");
    t.all("MULTI", "PING", "EXEC x", "EXEC", "UNWATCH x", "UNWATCH");
    t.all("MULTI", "SET a 1", "DISCARD", "GET a", "EXEC", "DISCARD");
  }),

  script("SELECT within a transaction holds afterwards", (t) => {
    t.all("MULTI", "SET a 0", "SELECT 3", "SET a 3", "EXEC", "GET a");
    t.all("SELECT 0", "GET a", "MULTI", "SELECT 4", "DISCARD", "GET a");
  }),

  script("RESET and QUIT are done at once", (t) => {
    t.all("WATCH a", "MULTI", "SET a 1", "RESET", "EXEC", "GET a");
    t.all("MULTI", "SET a 1", "QUIT");
    t.closed();
    t.client("other").run("GET a");
  }, [2]),

  script("the protocol may change within a transaction", (t) => {
    t.all("MULTI", "GET none", "EXEC");
    t.run("MULTI");
    t.run("HSET h f 1");
    t.sameShape("HELLO 3");
    t.all("HGETALL h", "GET none");
    t.ignore("HELLO tells who it is", "EXEC");
    t.all("GET none", "WATCH k", "SET k 1", "MULTI", "EXEC");
  }, [2]),

  script("commands that could wait do not", (t) => {
    t.all("MULTI", "BLPOP none 0", "BRPOP none 0", "BLMOVE x y LEFT LEFT 0");
    t.all("BRPOPLPUSH x y 0", "BLMPOP 0 1 x LEFT", "BZPOPMIN z 0");
    t.all("BZPOPMAX z 0", "BZMPOP 0 1 z MIN", "EXEC");
    t.all("MULTI", "RPUSH x 1 2", "BLPOP x 0", "BLMOVE x x LEFT LEFT 0");
    t.all("ZADD z 1 m", "BZPOPMIN z 0", "EXEC", "LRANGE x 0 -1");
  }),

  script("a watched key that changes stops EXEC", (t) => {
    const other = t.client("other");
    t.all("SET a 1", "WATCH a b", "MULTI", "PING", "EXEC");
    t.run("WATCH a b");
    other.run("SET b 1");
    t.all("MULTI", "SET a 9", "EXEC", "GET a", "MULTI", "PING", "EXEC");
    t.all("WATCH a", "SET a 2", "MULTI", "PING", "EXEC");
    t.all("WATCH a", "SET a 3", "UNWATCH", "MULTI", "PING", "EXEC");
    t.all("WATCH a", "SET a 3", "MULTI", "DISCARD", "MULTI", "PING", "EXEC");
    t.all("WATCH a", "MULTI", "SET a 4", "EXEC", "MULTI", "PING", "EXEC");
    t.all("WATCH a", "MULTI");
    other.all("MULTI", "SET a 5", "EXEC");
    t.all("GET a", "NOSUCH", "EXEC", "MULTI", "PING", "EXEC");
    t.all("WATCH a", "MULTI", "UNWATCH", "GET a");
    other.run("SET a 6");
    t.all("EXEC", "MULTI", "GET a", "EXEC");
  }),

  script("a database's watched keys are its own", (t) => {
    const other = t.client("other");
    other.run("SELECT 1");
    t.run("WATCH a");
    other.run("SET a 1");
    t.all("MULTI", "PING", "EXEC", "WATCH a", "SELECT 1", "WATCH b");
    other.run("SET b 1");
    t.all("SELECT 0", "MULTI", "PING", "EXEC");
  }),

  script("SWAPDB and FLUSHALL change the keys that there are", (t) => {
    const other = t.client("other");
    t.all("SET a 1", "SELECT 1", "SET b 1", "SELECT 0");
    for (const line of ["SWAPDB 0 1", "FLUSHALL", "SWAPDB 0 2", "FLUSHDB"]) {
      for (const key of ["a", "b", "c"]) {
        t.all("MSET a 1", "WATCH " + key);
        other.run(line);
        t.all("MULTI", "PING", "EXEC");
      }
    }
  }),

  script("CLIENT LIST tells of a transaction", (t) => {
    t.ignore("fields vary", "CLIENT LIST");
    t.all("MULTI", "CLIENT GETNAME", "CLIENT ID", "DISCARD");
  }),
]);
