import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, encodeCommands, ReplyError } from "../support/client.ts";
import { latin1, plain, type Reply, ReplyReader } from "../support/reply.ts";
import { realRedis, startRedis } from "../support/real.ts";

const encoder = new TextEncoder();

const REPLIES =
  "+OK\r\n-ERR no\r\n:-7\r\n:9223372036854775807\r\n$3\r\na\r\n\r\n" +
  "$-1\r\n*-1\r\n_\r\n,1.5\r\n,-inf\r\n#t\r\n(12345678901234567890\r\n" +
  "=6\r\ntxt:hi\r\n!3\r\nE x\r\n*0\r\n%1\r\n+k\r\n*2\r\n:1\r\n$0\r\n\r\n" +
  "~1\r\n#f\r\n>2\r\n+message\r\n*1\r\n*0\r\n|1\r\n+ttl\r\n:1\r\n+after\r\n";

function readAll(chunks: Uint8Array[]): Reply[] {
  const reader = new ReplyReader();
  const replies: Reply[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let reply; (reply = reader.next());) replies.push(reply);
  }
  return replies;
}

Deno.test("the client reads every kind of reply", () => {
  const replies = readAll([encoder.encode(REPLIES)]);
  const values = replies.map(plain).map((value) =>
    value instanceof ReplyError ? { error: value.message } : value
  );
  assertEquals(values, [
    "OK",
    { error: "ERR no" },
    -7,
    9223372036854775807n,
    "a\r\n",
    null,
    null,
    null,
    1.5,
    -Infinity,
    true,
    12345678901234567890n,
    "hi",
    { error: "E x" },
    [],
    new Map([["k", [1, ""]]]),
    new Set([false]),
    ["message", [[]]],
    "after",
  ]);
  assertEquals(replies[5], { kind: "null", prefix: "$" });
  assertEquals(replies[6], { kind: "null", prefix: "*" });
});

Deno.test("the client reads the same replies at every split point", () => {
  const bytes = encoder.encode(REPLIES);
  const whole = readAll([bytes]);
  for (let at = 0; at <= bytes.length; at++) {
    assertEquals(readAll([bytes.subarray(0, at), bytes.subarray(at)]), whole);
  }
  assertEquals(readAll([...bytes].map((byte) => Uint8Array.of(byte))), whole);
});

Deno.test("the client sends bytes and characters as they are", () => {
  assertEquals(
    latin1(encodeCommands([["SET", "\xff", Uint8Array.of(0, 255)], ["X", 12]])),
    "*3\r\n$3\r\nSET\r\n$1\r\n\xff\r\n$2\r\n\x00\xff\r\n*2\r\n$1\r\nX\r\n$2\r\n12\r\n",
  );
});

Deno.test({
  name: "the client talks to a real server and keeps order",
  ignore: !realRedis(),
  async fn() {
    await using server = await startRedis();
    using client = await connect(server.port);
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    assertEquals(await client.call("SET", "k", bytes), "OK");
    assertEquals(await client.raw("GET", "k"), { kind: "bulk", bytes });
    await assertRejects(
      () => client.call("INCR", "k"),
      ReplyError,
      "ERR value",
    );
    const values = await Promise.all(
      Array.from({ length: 100 }, () => client.call("INCR", "n")),
    );
    assertEquals(values, Array.from({ length: 100 }, (_, i) => i + 1));
    const big = new Uint8Array(1 << 20).fill(7);
    const replies = await client.pipeline([
      ["SET", "big", big],
      ["NOPE"],
      ["GET", "big"],
    ]);
    assert(replies[1] instanceof ReplyError);
    assertEquals((replies[2] as string).length, big.length);
  },
});

Deno.test({
  name: "the client sets pushes aside and hands them out",
  ignore: !realRedis(),
  async fn() {
    await using server = await startRedis();
    using client = await connect(server.port);
    assert(await client.call("HELLO", 3) instanceof Map);
    client.send("SUBSCRIBE", "c");
    assertEquals(plain(await client.readReply()), ["subscribe", "c", 1]);
    using other = await connect(server.port);
    await other.call("PUBLISH", "c", "hi");
    assertEquals(await client.call("PING"), "PONG");
    assertEquals(plain(await client.readPush()), ["message", "c", "hi"]);
  },
});

Deno.test({
  name: "the client notices silence and the end of the stream",
  ignore: !realRedis(),
  async fn() {
    await using server = await startRedis();
    using patient = await connect(server.port, { timeoutMs: 50 });
    await assertRejects(
      () => patient.call("BLPOP", "none", 5),
      Error,
      "no reply within 50 ms",
    );
    using killed = await connect(server.port);
    assertEquals(await killed.call("QUIT"), "OK");
    await killed.ended();
    await assertRejects(
      () => killed.readReply(),
      Error,
      "the server hung up",
    );
  },
});

Deno.test({
  name: "a server that refuses its arguments is reported with its words",
  ignore: !realRedis(),
  async fn() {
    await assertRejects(() => startRedis(["--nonsense"]), Error, "nonsense");
  },
});
