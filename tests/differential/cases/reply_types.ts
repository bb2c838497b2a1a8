/**
 * Replies whose type is more than their bytes: pushes, verbatim texts, doubles,
 * and shapes of what differs from server to server. Cases of other groups are
 * run in both protocols too; here is what has no other place.
 */

import { group, script, type Teller } from "../script.ts";

/** A listener's messages are pushes only in RESP3. */
const pushed = (name: string, body: (t: Teller) => void) =>
  script(`pushes: ${name}`, body, [3]);

const replyFirst = "since 7.2 messages wait for the reply";
const MESSAGE = ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n1\r\n";
const itsOwn = "its text is the server's own";

export default group("reply_types", [
  pushed("subscribing and leaving are pushes, PING is a reply", (t) => {
    t.all("SUBSCRIBE a", "PSUBSCRIBE a*", "SSUBSCRIBE a", "PING", "PING x");
    t.all("UNSUBSCRIBE a", "PUNSUBSCRIBE a*", "SUNSUBSCRIBE a", "PING");
    t.all("UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "UNSUBSCRIBE x");
  }),

  pushed("a listener may do everything", (t) => {
    t.all("SUBSCRIBE a", "SET k v", "GET k", "GET none", "HGETALL k", "CLIENT");
    t.all("PUBSUB SHARDNUMSUB a", "PUBSUB NUMSUB a", "PUBSUB CHANNELS");
    t.all("MULTI", "PING", "GET none", "EXEC", "RESET", "GET none");
  }),

  pushed("messages", (t) => {
    const listener = t.client("listener");
    listener.all("SUBSCRIBE a", "PSUBSCRIBE a*", "SSUBSCRIBE a");
    t.all("PUBLISH a 1", "SPUBLISH a 2", "PUBLISH ab 3");
    for (let i = 0; i < 5; i++) listener.run("PING");
  }),

  pushed("what a client publishes to itself follows the reply", (t) => {
    t.run("SUBSCRIBE a");
    t.differs(replyFirst, ":1\r\n", "PUBLISH a 1");
    t.differs(replyFirst, MESSAGE, "PING");
    t.all("PING", "PING");
  }),

  pushed("subscribing in a transaction", (t) => {
    t.all("MULTI", "SUBSCRIBE a", "GET none", "UNSUBSCRIBE a", "EXEC");
    for (let i = 0; i < 3; i++) t.run("PING");
  }),

  pushed("keyspace events", (t) => {
    const listener = t.client("listener");
    t.run("CONFIG SET notify-keyspace-events KEA");
    listener.run("PSUBSCRIBE __key*");
    t.all("SET k v", "DEL k", "CONFIG SET notify-keyspace-events ''");
    for (let i = 0; i < 5; i++) listener.run("PING");
  }),

  pushed("back in RESP2", (t) => {
    t.sameShape("HELLO 2");
    t.all("SUBSCRIBE a", "GET k", "PING");
    t.sameShape("HELLO 3");
    t.all("GET k", "UNSUBSCRIBE a");
    t.sameShape("HELLO 3");
    t.all("GET k");
  }),

  pushed("no replies, but messages", (t) => {
    t.silent("CLIENT REPLY OFF");
    t.run("SUBSCRIBE a");
    t.silent("PING");
    t.all("UNSUBSCRIBE a", "CLIENT REPLY ON", "PING");
  }),

  script("DUMP and RESTORE", (t) => {
    const footer = "the bytes name the version that wrote them";
    t.all("SET k 1", "DUMP none", "RESTORE k 0 x", "RESTORE n -1 x");
    t.ignore(footer, "DUMP k");
    // A number as Redis 5 wrote it, which every version reads.
    const five = "\x00\xc0\x05\x09\x00";
    const sum = "\x2d\x5d\x7e\x8b\x0f\x3f\x9b\x1e";
    t.all("RESTORE n 0", "RESTORE-ASKING n 0 x");
    t.run("RESTORE n 0", five + sum);
    t.run("EXISTS n");
  }),

  script("CLIENT PAUSE, UNPAUSE and UNBLOCK", (t) => {
    t.all("CLIENT PAUSE", "CLIENT PAUSE x", "CLIENT PAUSE -1 WRITE");
    t.all("CLIENT PAUSE 1 WAT", "CLIENT PAUSE 1 WRITE x", "CLIENT PAUSE 1.5");
    t.all("CLIENT PAUSE 0", "CLIENT PAUSE 0 write", "CLIENT UNPAUSE x");
    t.differs(
      "7.2 refuses what would be beyond the end of time",
      "-ERR timeout is out of range\r\n",
      "CLIENT PAUSE 9223372036854775807",
    );
    t.run("CLIENT PAUSE 99999999999999999999");
    t.all("CLIENT PAUSE 60000 WRITE", "GET none", "SET k", "CLIENT UNPAUSE");
    t.all("SET k v", "CLIENT UNPAUSE", "MULTI", "CLIENT PAUSE 60000 WRITE");
    t.all("SET k w", "CLIENT UNPAUSE", "EXEC", "GET k");
    t.all("CLIENT UNBLOCK", "CLIENT UNBLOCK x", "CLIENT UNBLOCK 0");
    t.all("CLIENT UNBLOCK 999999999", "CLIENT UNBLOCK 0 WAT");
    t.all("CLIENT UNBLOCK 999999999 ERROR", "CLIENT UNBLOCK 0 TIMEOUT x");
  }),

  script("CLIENT NO-EVICT, GETREDIR and LIST by number", (t) => {
    t.all("CLIENT NO-EVICT on", "CLIENT NO-EVICT OFF", "CLIENT NO-EVICT x");
    t.all("CLIENT NO-EVICT", "CLIENT LIST ID 999999999 999999998");
    t.sameShape("CLIENT LIST TYPE normal");
  }),

  script("RESET brings back RESP2 and all else", (t) => {
    t.all("CLIENT SETNAME tester", "SELECT 1", "MULTI", "GET k", "RESET");
    t.all("GET none", "CLIENT GETNAME", "EXEC", "SET k v", "SELECT 1", "GET k");
    t.all("WATCH k", "RESET x", "RESET", "CLIENT REPLY ON");
    t.silent("CLIENT REPLY OFF");
    t.all("RESET", "PING");
  }),

  script("texts are verbatim", (t) => {
    t.sameShape("INFO server");
    t.sameShape("INFO");
    t.all("INFO nosuch", "INFO cluster");
    t.sameShape("LOLWUT");
    t.sameShape("LOLWUT VERSION 5 1 1 1");
    t.sameShape("MEMORY DOCTOR");
    t.sameShape("MEMORY MALLOC-STATS");
    t.sameShape("LATENCY DOCTOR");
    t.sameShape("CLIENT LIST");
    t.sameShape("CLIENT INFO");
  }),

  script("what slow, late and watched commands leave", (t) => {
    t.all("SLOWLOG RESET", "SLOWLOG GET", "SLOWLOG LEN", "LATENCY RESET");
    t.all("LATENCY LATEST", "LATENCY HISTORY command", "LATENCY RESET x");
    t.all("CONFIG RESETSTAT", "LATENCY HISTOGRAM nosuch", "SLOWLOG GET -2");
    t.all("LATENCY GRAPH command", "LATENCY NOSUCH", "SLOWLOG", "LATENCY");
    t.run("CONFIG SET slowlog-log-slower-than 0");
    t.run("SLOWLOG RESET");
    t.all("SET k v");
    t.sameShape("SLOWLOG GET 1");
    t.all("CONFIG SET slowlog-log-slower-than 10000", "SLOWLOG RESET");
    t.all("CONFIG RESETSTAT", "SET k v", "GET k");
    t.ignore("it tells how long SET took", "LATENCY HISTOGRAM set");
    t.client("watcher").run("MONITOR");
  }),

  script("what every HELP is", (t) => {
    for (const word of ["CLIENT", "COMMAND", "CONFIG", "PUBSUB", "SLOWLOG"]) {
      t.ignore(itsOwn, `${word} HELP`);
      t.run(`${word} HELP x`);
    }
    for (const word of ["ACL", "LATENCY", "MEMORY", "OBJECT", "DEBUG"]) {
      t.ignore(itsOwn, `${word} HELP`);
    }
  }),
]);
