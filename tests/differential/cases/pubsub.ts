/**
 * Publishing and listening. A listener's calls get what comes next on its
 * connection: messages first, then the replies to its PINGs.
 */

import { group, script, type Teller } from "../script.ts";

/** Lets a listener take so many messages; what is missing shows as a PONG. */
function hear(listener: Teller, count: number): void {
  for (let i = 0; i < count; i++) listener.run("PING");
}

/** A script in RESP2: a confirmation is a reply there. */
const spoken = (name: string, body: (t: Teller) => void) =>
  script(name, body, [2]);

/** What a listener hears of some lines, twice as many messages as events. */
function events(
  name: string,
  classes: string,
  eventCount: number,
  ...lines: string[]
) {
  return spoken(`events: ${name}`, (t) => {
    const listener = t.client("listener");
    t.run(`CONFIG SET notify-keyspace-events ${classes}`);
    listener.run("PSUBSCRIBE __key*");
    t.all(...lines);
    const ways = classes.includes("K") && classes.includes("E") ? 2 : 1;
    hear(listener, eventCount * ways + 1);
    t.run("CONFIG SET notify-keyspace-events ''");
  });
}

export default group("pubsub", [
  spoken("channels, patterns and those of shards", (t) => {
    const listener = t.client("listener");
    listener.all("SUBSCRIBE a", "SUBSCRIBE a", "PSUBSCRIBE a*", "SSUBSCRIBE a");
    t.all("PUBLISH a 1", "PUBLISH ab 2", "SPUBLISH a 3", "PUBLISH b 4");
    hear(listener, 5);
    t.all("PUBSUB NUMSUB a b", "PUBSUB CHANNELS", "PUBSUB NUMPAT");
    t.all("PUBSUB SHARDCHANNELS", "PUBSUB SHARDNUMSUB a b", "PUBSUB NUMSUB");
    t.all("PUBSUB CHANNELS x*", "PUBSUB CHANNELS a", "PUBSUB SHARDCHANNELS b");
  }),

  spoken("leaving, also what one has not been in", (t) => {
    t.all("UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "UNSUBSCRIBE x");
    t.all("SUBSCRIBE a", "SSUBSCRIBE a", "PSUBSCRIBE a", "UNSUBSCRIBE a");
    t.all("UNSUBSCRIBE", "SUNSUBSCRIBE", "PUNSUBSCRIBE", "PING", "GET x");
    t.all("SUBSCRIBE a", "RESET", "GET x", "UNSUBSCRIBE");
  }),

  spoken("what a listener may do", (t) => {
    t.all("SUBSCRIBE a", "GET x", "get", "NOSUCH", "CLIENT ID", "CONFIG GET x");
    t.all("PING", "PING hello", "PING a b", "HELLO 3", "PUBLISH a b");
    t.all("subscribe", "UNSUBSCRIBE a", "GET x");
  }),

  script("wrong calls", (t) => {
    t.all("SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "PUBLISH a", "SPUBLISH");
    t.all("PUBSUB", "PUBSUB NOSUCH", "PUBSUB CHANNELS a b", "PUBSUB NUMPAT a");
    t.all("PUBSUB SHARDCHANNELS a b", "pubsub numsub");
  }),

  events(
    "strings",
    "KEA",
    21,
    "SET a 1",
    "SET a 1 EX 100",
    "SETNX b 1",
    "SETEX b 100 1",
    "GETSET b 2",
    "GETEX b EX 50",
    "GETEX b PERSIST",
    "GETDEL b",
    "MSET a 1 b 2",
    "MSETNX c 1 d 1",
    "INCR a",
    "DECRBY a 5",
    "INCRBYFLOAT a 1.5",
    "APPEND a x",
    "SETRANGE a 5 x",
    "SETBIT a 5 1",
    "BITOP NOT e a",
    "PFADD p a",
  ),
  events(
    "keys",
    "KEA",
    18,
    "SET a 1",
    "RENAME a b",
    "COPY b a",
    "EXPIRE a 100",
    "PERSIST a",
    "EXPIREAT a 1",
    "MOVE b 1",
    "RPUSH l 2 1",
    "SORT l STORE s",
    "SORT none STORE s",
    "RENAMENX l m",
    "DEL m none",
    "SET x 1",
    "UNLINK x",
    "FLUSHALL",
    "SELECT 1",
    "SET y 1",
    "SELECT 0",
    "SETEX z -1 1",
  ),
  events(
    "lists",
    "KEA",
    19,
    "RPUSH l 1 2 3",
    "LPUSHX l 0",
    "LINSERT l BEFORE 2 x",
    "LSET l 0 y",
    "LREM l 0 x",
    "LTRIM l 0 1",
    "LMOVE l m LEFT RIGHT",
    "RPOPLPUSH m l",
    "LMPOP 1 l LEFT COUNT 5",
    "RPUSH l 1",
    "LPOP l",
    "RPUSH l 1",
    "LTRIM l 5 9",
  ),
  events(
    "sets",
    "KEA",
    14,
    "SADD s 1 2 3",
    "SADD s 1",
    "SREM s 1 9",
    "SMOVE s t 2",
    "SPOP s",
    "SADD s 1 2",
    "SUNIONSTORE u s t",
    "SINTERSTORE u s none",
    "SDIFFSTORE d s t",
    "SPOP s 5",
    "SREM t 2",
  ),
  events(
    "hashes",
    "KEA",
    8,
    "HSET h a 1 b 2",
    "HSETNX h c 3",
    "HMSET h a 1",
    "HINCRBY h a 1",
    "HINCRBYFLOAT h a 1",
    "HDEL h a",
    "HDEL h b c none",
  ),
  events(
    "sorted sets",
    "KEA",
    16,
    "ZADD z 1 a 2 b 3 c 4 d",
    "ZADD z 1 a",
    "ZINCRBY z 1 a",
    "ZADD z INCR 1 a",
    "ZREM z a",
    "ZPOPMIN z",
    "ZREMRANGEBYRANK z 0 0",
    "ZUNIONSTORE u 1 z",
    "ZINTERSTORE u 2 z none",
    "ZADD z 1 a 2 b 3 c",
    "ZRANGESTORE r z 0 1",
    "ZREMRANGEBYSCORE z 1 1",
    "ZMPOP 1 z MAX COUNT 9",
    "GEOADD g 1 1 m",
    "GEOSEARCHSTORE q g FROMLONLAT 1 1 BYRADIUS 1 km",
    "ZDIFFSTORE x 1 g",
  ),
  events("only some classes", "Klz", 2, "SET a 1", "RPUSH l 1", "ZADD z 1 a"),
  events(
    "new and missed keys",
    "Emn",
    8,
    "GET a",
    "SET a 1",
    "SET a 2",
    "MGET a b",
    "RPUSH l 1",
    "RENAME l m",
    "EXISTS x",
    "OBJECT ENCODING x",
    "TTL x",
    "HGET x f",
  ),
]);
