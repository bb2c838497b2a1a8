/**
 * Publishing and listening without sockets: what subscribers get, in which
 * order, and what the server says of it.
 */
import {
  assert,
  assertEquals,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { releasePiece, takePiece } from "../../src/protocol/chunks.ts";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import { encodeCommands } from "../support/client.ts";
import { pipelined, shown } from "../support/lines.ts";
import { latin1 } from "../support/reply.ts";

function say(client: BenchClient, line: string): string {
  return shown(client.call(...line.split(" ")));
}

/** Several commands in one chunk. */
function sayAll(client: BenchClient, ...lines: string[]): string {
  return shown(client.send(pipelined(...lines)));
}

/** What a client has got without asking. */
function heard(client: BenchClient): string {
  return shown(client.heard());
}

function several(count: number, resp = 2): [Bench, ...BenchClient[]] {
  const bench = new Bench();
  const clients = Array.from({ length: count }, () => bench.connect());
  for (const client of clients) if (resp === 3) client.call("HELLO", "3");
  return [bench, ...clients];
}

Deno.test("SUBSCRIBE confirms each channel and messages reach all who listen", () => {
  const [, a, b, publisher] = several(3);
  assertEquals(
    say(a, "SUBSCRIBE news news sport"),
    "*3 subscribe news :1 *3 subscribe news :1 *3 subscribe sport :2",
  );
  assertEquals(say(b, "SUBSCRIBE news"), "*3 subscribe news :1");
  assertEquals(say(publisher, "PUBLISH news hello"), ":2");
  assertEquals(say(publisher, "PUBLISH sport goal"), ":1");
  assertEquals(say(publisher, "PUBLISH weather rain"), ":0");
  assertEquals(heard(a), "*3 message news hello *3 message sport goal");
  assertEquals(heard(b), "*3 message news hello");
});

Deno.test("UNSUBSCRIBE counts down, and replies too when there is nothing to leave", () => {
  const [bench, a, publisher] = several(2);
  assertEquals(say(a, "UNSUBSCRIBE"), "*3 unsubscribe $-1 :0");
  assertEquals(say(a, "PUNSUBSCRIBE"), "*3 punsubscribe $-1 :0");
  assertEquals(say(a, "SUNSUBSCRIBE"), "*3 sunsubscribe $-1 :0");
  assertEquals(say(a, "UNSUBSCRIBE x"), "*3 unsubscribe x :0");
  say(a, "SUBSCRIBE one two three");
  say(a, "PSUBSCRIBE t*");
  say(a, "SSUBSCRIBE one");
  assertEquals(
    say(a, "UNSUBSCRIBE two nine"),
    "*3 unsubscribe two :3 *3 unsubscribe nine :3",
  );
  assertEquals(
    say(a, "UNSUBSCRIBE"),
    "*3 unsubscribe one :2 *3 unsubscribe three :1",
  );
  assertEquals(say(a, "SUNSUBSCRIBE"), "*3 sunsubscribe one :0");
  assertEquals(say(a, "PUNSUBSCRIBE"), "*3 punsubscribe t* :0");
  assertEquals(say(publisher, "PUBLISH two x"), ":0");
  assertEquals(say(publisher, "SPUBLISH one x"), ":0");
  assertEquals(a.session.subscriptions, null);
  assertEquals(bench.server.pubsub.hasListeners, false);
});

Deno.test("patterns deliver once for each that matches, beside the channel itself", () => {
  const [, a, publisher] = several(2);
  assertEquals(
    say(a, "PSUBSCRIBE n* [mn]e?s x*"),
    "*3 psubscribe n* :1 *3 psubscribe [mn]e?s :2 *3 psubscribe x* :3",
  );
  say(a, "SUBSCRIBE news");
  assertEquals(say(publisher, "PUBLISH news hi"), ":3");
  assertEquals(
    heard(a),
    "*3 message news hi *4 pmessage n* news hi *4 pmessage [mn]e?s news hi",
  );
  assertEquals(say(publisher, "PUBSUB NUMPAT"), ":3");
});

Deno.test("channels of a shard are a world of their own", () => {
  const [, a, publisher] = several(2);
  assertEquals(
    say(a, "SSUBSCRIBE news sport"),
    "*3 ssubscribe news :1 *3 ssubscribe sport :2",
  );
  assertEquals(say(a, "PSUBSCRIBE *"), "*3 psubscribe * :1");
  assertEquals(say(publisher, "SPUBLISH news hi"), ":1");
  assertEquals(heard(a), "*3 smessage news hi");
  assertEquals(say(publisher, "PUBLISH news hi"), ":1");
  assertEquals(heard(a), "*4 pmessage * news hi");
});

Deno.test("a listener of the older protocol may do nothing but that", () => {
  const [, a] = several(1);
  say(a, "SUBSCRIBE news");
  const words = "only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / " +
    "RESET are allowed in this context";
  assertEquals(say(a, "GET x"), `-ERR Can't execute 'get': ${words}`);
  assertEquals(say(a, "client id"), `-ERR Can't execute 'client|id': ${words}`);
  assertEquals(say(a, "HELLO 3"), `-ERR Can't execute 'hello': ${words}`);
  assertEquals(say(a, "PING"), "*2 pong");
  assertEquals(say(a, "PING hi"), "*2 pong hi");
  assertEquals(say(a, "UNSUBSCRIBE"), "*3 unsubscribe news :0");
  assertEquals(say(a, "PING"), "+PONG");
  say(a, "SSUBSCRIBE shard");
  assertEquals(sayAll(a, "PING", "RESET", "PING"), "*2 pong  +RESET +PONG");
  assertEquals(a.session.subscriptions, null);
});

Deno.test("with RESP3 messages are pushed between the replies to any command", () => {
  const [, a, b] = several(2, 3);
  assertEquals(say(a, "SUBSCRIBE news"), ">3 subscribe news :1");
  assertEquals(say(a, "UNSUBSCRIBE x"), ">3 unsubscribe x :1");
  assertEquals(sayAll(a, "PING", "SET k 1", "GET k"), "+PONG +OK 1");
  assertEquals(say(b, "PUBLISH news hi"), ":1");
  assertEquals(heard(a), ">3 message news hi");
  assertEquals(say(a, "UNSUBSCRIBE"), ">3 unsubscribe news :0");
  assertEquals(say(a, "UNSUBSCRIBE"), ">3 unsubscribe _ :0");
});

Deno.test("whoever publishes to himself gets the message right after the reply", () => {
  const [, a, b] = several(2, 3);
  say(a, "SUBSCRIBE news");
  say(b, "SUBSCRIBE news");
  assertEquals(
    sayAll(a, "ECHO 1", "PUBLISH news x", "ECHO 2", "PUBLISH news y"),
    "1 :2 >3 message news x 2 :2 >3 message news y",
  );
  assertEquals(heard(b), ">3 message news x >3 message news y");
});

Deno.test("each gets messages in the form of his own protocol, large ones too", () => {
  const [, a, b, publisher] = several(3);
  b.call("HELLO", "3");
  for (const client of [a, b, publisher]) say(client, "SUBSCRIBE news");
  const large = "x".repeat(70_000);
  publisher.call("UNSUBSCRIBE");
  assertEquals(publisher.call("PUBLISH", "news", large), ":2\r\n");
  assertEquals(heard(a), `*3 message news ${large}`);
  assertEquals(heard(b), `>3 message news ${large}`);
  assertEquals(
    b.call("PUBLISH", "news", large),
    `:2\r\n>3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$70000\r\n${large}\r\n`,
  );
});

Deno.test("names and messages are any bytes", () => {
  const [, a, publisher] = several(2);
  const name = Uint8Array.of(0, 255, 13, 10, 195);
  a.call("SUBSCRIBE", name);
  assertEquals(publisher.call("PUBLISH", name, name), ":1\r\n");
  const bulk = "$5\r\n\0\xff\r\n\xc3\r\n";
  assertEquals(a.heard(), `*3\r\n$7\r\nmessage\r\n${bulk}${bulk}`);
  assertEquals(publisher.call("PUBSUB", "CHANNELS"), `*1\r\n${bulk}`);
  a.call("SUBSCRIBE", "");
  assertEquals(publisher.call("PUBLISH", "", ""), ":1\r\n");
  assertEquals(
    a.heard(),
    "*3\r\n$7\r\nmessage\r\n$0\r\n\r\n$0\r\n\r\n",
  );
});

Deno.test("messages and confirmations come in spite of CLIENT REPLY OFF", () => {
  const [, a, publisher] = several(2, 3);
  assertEquals(say(a, "CLIENT REPLY OFF"), "");
  assertEquals(say(a, "SUBSCRIBE news"), ">3 subscribe news :1");
  assertEquals(say(a, "SUBSCRIBE"), "");
  assertEquals(say(a, "PUBLISH news self"), ">3 message news self");
  say(publisher, "PUBLISH news other");
  assertEquals(heard(a), ">3 message news other");
});

Deno.test("PUBSUB tells who listens to what", () => {
  const [, a, b, asker] = several(3);
  say(a, "SUBSCRIBE one two");
  say(b, "SUBSCRIBE two three");
  say(b, "SSUBSCRIBE four");
  assertEquals(say(asker, "PUBSUB CHANNELS"), "*3 one two three");
  assertEquals(say(asker, "PUBSUB CHANNELS t*"), "*2 two three");
  assertEquals(say(asker, "PUBSUB NUMSUB"), "*0");
  assertEquals(
    say(asker, "PUBSUB NUMSUB one two nine two"),
    "*8 one :1 two :2 nine :0 two :2",
  );
  assertEquals(say(asker, "PUBSUB SHARDCHANNELS"), "*1 four");
  assertEquals(say(asker, "PUBSUB SHARDCHANNELS x*"), "*0");
  assertEquals(say(asker, "PUBSUB SHARDNUMSUB one four"), "*4 one :0 four :1");
  assertEquals(
    say(asker, "PUBSUB CHANNELS a b"),
    "-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. " +
      "Try PUBSUB HELP.",
  );
  assertMatch(say(asker, "PUBSUB HELP"), /^\*\d+ \+PUBSUB /);
  const info = say(asker, "INFO stats");
  assertMatch(info, /pubsub_channels:3 .*pubsub_patterns:0 /);
  assertMatch(info, /pubsubshard_channels:1 /);
});

Deno.test("CLIENT LIST describes listeners, and who leaves listens no more", () => {
  const [, a, b] = several(2);
  say(a, "SUBSCRIBE one two");
  say(a, "PSUBSCRIBE p*");
  say(a, "SSUBSCRIBE s");
  assertMatch(
    a.session.describe(),
    /flags=P db=0 sub=2 psub=1 ssub=1 /,
  );
  assertEquals(a.session.kind, "pubsub");
  a.leave();
  assertEquals(say(b, "PUBLISH one x"), ":0");
  assertEquals(say(b, "PUBSUB CHANNELS"), "*0");
  assertEquals(say(b, "PUBSUB NUMPAT"), ":0");
  assertEquals(say(b, "PUBSUB SHARDCHANNELS"), "*0");
});

Deno.test("someone on the way out gets no more messages and is not counted", () => {
  const [, a, publisher] = several(2);
  say(a, "SUBSCRIBE one");
  a.session.kill();
  assertEquals(say(publisher, "PUBLISH one x"), ":0");
});

Deno.test("all listeners of a protocol are handed the very same bytes", () => {
  const [bench, a, b, c, publisher] = several(4);
  c.call("HELLO", "3");
  const handed: Uint8Array[] = [];
  for (const client of [a, b, c]) {
    say(client, "SUBSCRIBE news");
    client.transport.push = (bytes) => void handed.push(bytes);
  }
  for (const size of [5, 5000]) {
    handed.length = 0;
    publisher.call("PUBLISH", "news", "x".repeat(size));
    bench.server.pubsub.handOver();
    assertEquals(handed.length, 3);
    assertStrictEquals(handed[0], handed[1]);
    // Nobody gives them back for others to write into.
    const before = handed[0].slice();
    for (const bytes of handed) releasePiece(bytes);
    for (let i = 0; i < 20; i++) takePiece(50_000).fill(0);
    assertEquals(handed[0], before);
  }
});

/** What is handed to a client from now on, each piece as shown. */
function handedTo(client: BenchClient): string[] {
  const pieces: string[] = [];
  client.transport.push = (bytes) => void pieces.push(shown(latin1(bytes)));
  return pieces;
}

Deno.test("messages to the same listeners go to them as one piece", () => {
  const [bench, a, b, publisher] = several(3);
  b.call("HELLO", "3");
  for (const client of [a, b]) say(client, "SUBSCRIBE news");
  const pieces = [handedTo(a), handedTo(b)];
  for (const text of ["one", "two", "three"]) {
    assertEquals(say(publisher, `PUBLISH news ${text}`), ":2");
  }
  assertEquals(pieces, [[], []]);
  bench.server.pubsub.handOver();
  const texts = ["one", "two", "three"];
  assertEquals(pieces, [
    [texts.map((text) => `*3 message news ${text}`).join(" ")],
    [texts.map((text) => `>3 message news ${text}`).join(" ")],
  ]);
});

Deno.test("messages come in the order in which they were published, by whichever way", () => {
  const [, a, b, publisher] = several(3);
  say(a, "SUBSCRIBE one two");
  say(a, "PSUBSCRIBE o*");
  say(a, "SSUBSCRIBE three");
  say(b, "SUBSCRIBE two");
  sayAll(
    publisher,
    "PUBLISH one 1",
    "PUBLISH two 2",
    "PUBLISH two 3",
    "SPUBLISH three 4",
    "PUBLISH one 5",
  );
  assertEquals(
    heard(a),
    "*3 message one 1 *4 pmessage o* one 1 *3 message two 2 " +
      "*3 message two 3 *3 smessage three 4 *3 message one 5 " +
      "*4 pmessage o* one 5",
  );
  assertEquals(heard(b), "*3 message two 2 *3 message two 3");
});

Deno.test("who comes or goes gets just what is published while he listens", () => {
  const [, a, b, publisher] = several(3);
  say(a, "SUBSCRIBE news");
  say(publisher, "PUBLISH news early");
  assertEquals(say(b, "SUBSCRIBE news"), "*3 subscribe news :1");
  say(publisher, "PUBLISH news both");
  assertEquals(
    say(a, "UNSUBSCRIBE"),
    "*3 message news early *3 message news both *3 unsubscribe news :0",
  );
  say(publisher, "PUBLISH news late");
  assertEquals(heard(a), "");
  assertEquals(heard(b), "*3 message news both *3 message news late");
});

Deno.test("a transaction's message reaches who listens no more at its end", () => {
  const [, a] = several(1, 3);
  say(a, "SUBSCRIBE news");
  assertEquals(
    sayAll(a, "MULTI", "PUBLISH news own", "UNSUBSCRIBE news", "EXEC"),
    "+OK +QUEUED +QUEUED *2 :1 >3 unsubscribe news :0 >3 message news own",
  );
});

Deno.test("who listens is not executed together with others", () => {
  const [bench, a] = several(1, 3);
  const get = encodeCommands([["GET", "key"]]);
  const { dispatcher } = bench.server;
  a.send(get);
  assert(dispatcher.gather(a.session, get));
  dispatcher.executeGathered();
  say(a, "SUBSCRIBE news");
  a.send(get);
  assert(!dispatcher.gather(a.session, get));
});

Deno.test("what was published before a command comes before its reply", () => {
  const [, a, publisher] = several(2, 3);
  say(a, "SUBSCRIBE news");
  say(a, "SET key value");
  say(publisher, "PUBLISH news first");
  assertEquals(
    sayAll(a, "GET key", "PUBLISH news own", "PUBLISH news more", "GET key"),
    ">3 message news first value :1 >3 message news own " +
      ":1 >3 message news more value",
  );
});

Deno.test("much is handed over without waiting, and in its order", () => {
  const [, a, publisher] = several(2);
  say(a, "SUBSCRIBE c");
  const pieces = handedTo(a);
  const sent = [10, 100_000, 20, 6_000, 6_000, 6_000, 30].map((size) =>
    "x".repeat(size)
  );
  for (const text of sent) {
    say(publisher, `PUBLISH c ${text}`);
    // No more than one piece has room for waits.
    const waiting = sent.slice(0, sent.indexOf(text) + 1).join("").length -
      pieces.join("").length;
    assert(waiting <= 16 * 1024, `${waiting}`);
  }
  heard(a);
  assertEquals(
    pieces.join(" "),
    sent.map((text) => `*3 message c ${text}`).join(" "),
  );
});
