import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../differential/bytes.ts";
import { type Client, connect, encodeCommands } from "../support/client.ts";
import { latin1 } from "../support/reply.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { startKeysaur } from "../support/server.ts";
import { multibulk } from "./frames.ts";
import { onlyClientLeft, replyOrEnd, usedMemory } from "./fuzzer.ts";

const longLine = 70_000;
const megabyte = 1024 * 1024;

/** What a client sends, and all that it gets before it is closed. */
const refusals: [what: string, sent: string, error: string][] = [
  ["a count of letters", "*abc\r\n", "invalid multibulk length"],
  ["a count past 32 bits", "*2147483648\r\n", "invalid multibulk length"],
  [
    "a count past 64 bits",
    "*99999999999999999999\r\n",
    "invalid multibulk length",
  ],
  ["an empty count", "*\r\n", "invalid multibulk length"],
  ["an integer for a bulk", "*1\r\n:5\r\n", "expected '$', got ':'"],
  ["an empty line for a bulk", "*1\r\n\r\n", "expected '$', got ' '"],
  ["an array in an array", "*1\r\n*1\r\n", "expected '$', got '*'"],
  ["a length of letters", "*1\r\n$abc\r\n", "invalid bulk length"],
  ["a negative length", "*1\r\n$-1\r\n", "invalid bulk length"],
  ["a length past 512 MB", "*1\r\n$536870913\r\n", "invalid bulk length"],
  [
    "a length past 64 bits",
    "*1\r\n$9223372036854775808\r\n",
    "invalid bulk length",
  ],
  ["an open double quote", 'ECHO "open\r\n', "unbalanced quotes in request"],
  ["an open single quote", "ECHO 'open\r\n", "unbalanced quotes in request"],
  ["a word behind a quote", 'ECHO "a"b\r\n', "unbalanced quotes in request"],
  ["a line without end", "P".repeat(longLine), "too big inline request"],
  [
    "a count without end",
    "*" + "1".repeat(longLine),
    "too big mbulk count string",
  ],
  [
    "a length without end",
    "*1\r\n$" + "1".repeat(longLine),
    "too big bulk count string",
  ],
];

/** What a client without password is refused, as those above. */
const strangerRefusals: typeof refusals = [
  ["eleven words", "*11\r\n", "unauthenticated multibulk length"],
  ["a long bulk", "*1\r\n$16385\r\n", "unauthenticated bulk length"],
];

/** What Redis reads without a word, so that a PING after it is answered. */
const ignored: [what: string, sent: string][] = [
  ["an empty line", "\r\n"],
  ["a bare line feed", "\n"],
  ["spaces", "    \r\n"],
  ["an empty array", "*0\r\n"],
  ["a null array", "*-1\r\n"],
  ["a very negative array", "*-2147483648\r\n"],
];

const attacks = [
  "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "Host: localhost\r\n",
  "host: localhost\r\n",
  "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  multibulk(["POST", "/"]),
  multibulk(["HOST:"]),
];

async function assertRefused(
  port: number,
  [what, sent, error]: typeof refusals[number],
): Promise<void> {
  using client = await connect(port);
  client.sendRaw(toBytes(sent));
  const got = [await replyOrEnd(client), await replyOrEnd(client)];
  assertEquals(got, [`-ERR Protocol error: ${error}\r\n`, null], what);
}

async function refuseAll(port: number): Promise<void> {
  using healthy = await connect(port);
  for (const refusal of refusals) {
    await assertRefused(port, refusal);
    await assertRefused(port, [
      "a PING, then " + refusal[0],
      ...after(refusal),
    ]);
    assertEquals(await healthy.call("PING"), "PONG");
  }
  await healthy.call("CONFIG", "SET", "requirepass", "secret");
  for (const refusal of strangerRefusals) await assertRefused(port, refusal);
  await healthy.call("CONFIG", "SET", "requirepass", "");
}

/** The same bytes behind blank requests, which are no excuse for them. */
function after(refusal: typeof refusals[number]): [string, string] {
  return ["\r\n*0\r\n" + refusal[1], refusal[2]];
}

async function ignoreAll(port: number): Promise<void> {
  for (const [what, sent] of ignored) {
    using client = await connect(port);
    client.sendRaw(toBytes(sent.repeat(3)));
    assertEquals(await client.call("PING", what), what);
  }
}

async function dropAttacks(port: number): Promise<void> {
  using healthy = await connect(port);
  await healthy.call("SET", "guarded", "value");
  for (const attack of attacks) {
    using client = await connect(port);
    client.sendRaw(toBytes(attack + multibulk(["DEL", "guarded"])));
    for (let reply; (reply = await replyOrEnd(client)) !== null;) {
      // Only the GET of a browser is a command, and that a wrong one.
      assertEquals(
        reply,
        "-ERR wrong number of arguments for 'get' command\r\n",
      );
    }
    assertEquals(await healthy.call("GET", "guarded"), "value");
  }
}

async function pipelineManyCommands(port: number): Promise<void> {
  using client = await connect(port);
  const commands = Array.from({ length: 10_000 }, (_, n) => [
    ["SET", `pipelined:${n % 100}`, n],
    ["GET", `pipelined:${n % 100}`],
  ]).flat();
  const replies = await client.pipeline(commands);
  for (let n = 0; n < 10_000; n++) {
    if (replies[2 * n] !== "OK" || replies[2 * n + 1] !== String(n)) {
      assertEquals([replies[2 * n], replies[2 * n + 1]], ["OK", String(n)]);
    }
  }
}

async function acceptLongInlines(port: number): Promise<void> {
  using client = await connect(port);
  const text = "x".repeat(65_000);
  client.sendRaw(toBytes(`ECHO ${text}\r\n`));
  assertEquals(await replyOrEnd(client), `$65000\r\n${text}\r\n`);
  client.sendRaw(toBytes(`EXISTS${" nothing".repeat(8000)}\r\n`));
  assertEquals(await replyOrEnd(client), ":0\r\n");
}

async function acceptManyArguments(port: number): Promise<void> {
  using client = await connect(port);
  await client.call("SET", "a", "1");
  const count = 1_000_000;
  const frame = `*${count + 1}\r\n$6\r\nEXISTS\r\n` +
    "$1\r\na\r\n".repeat(count);
  client.sendRaw(toBytes(frame));
  assertEquals(await replyOrEnd(client), `:${count}\r\n`);
}

async function acceptBulkInPieces(port: number): Promise<void> {
  using client = await connect(port);
  const size = 10 * megabyte;
  const value = toBytes("0123456789abcdef".repeat(size / 16));
  client.sendRaw(toBytes(`*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$${size}\r\n`));
  for (let at = 0; at < size; at += 4999) {
    await client.sendRaw(value.subarray(at, at + 4999));
  }
  client.sendRaw(toBytes("\r\n"));
  assertEquals(await replyOrEnd(client), "+OK\r\n");
  const reply = await client.raw("GET", "big");
  assert(reply.kind === "bulk" && latin1(reply.bytes) === latin1(value));
  await client.call("DEL", "big");
}

async function bearHalfOpenSockets(port: number): Promise<void> {
  using healthy = await connect(port);
  const beginnings = [
    "",
    "*",
    "*3\r\n$3\r\nSET\r\n",
    "*1\r\n$5000000\r\nabc",
    "PI",
  ];
  const silent: Client[] = [];
  for (let n = 0; n < 200; n++) {
    const client = await connect(port);
    await client.sendRaw(toBytes(beginnings[n % beginnings.length]));
    silent.push(client);
  }
  for (let n = 0; n < 100; n++) {
    assertEquals(await healthy.call("PING"), "PONG");
  }
  for (const client of silent) client.close();
  await onlyClientLeft(healthy);
}

/** A client that asks for much and reads nothing costs the server little. */
async function boundSlowReaders(port: number): Promise<void> {
  using healthy = await connect(port);
  const limit = "normal 4194304 0 0";
  await healthy.call("CONFIG", "SET", "client-output-buffer-limit", limit);
  await healthy.call("SET", "large", "x".repeat(256 * 1024));
  const before = await usedMemory(healthy);
  const listener = await Deno.connect({ hostname: "127.0.0.1", port });
  const requests = encodeCommands(
    Array.from({ length: 400 }, () => ["GET", "large"]),
  );
  await listener.write(requests);
  let growth = 0;
  for (let turn = 0; turn < 300; turn++) {
    growth = Math.max(growth, await usedMemory(healthy) - before);
  }
  listener.close();
  assert(growth < 16 * megabyte, `a slow reader held ${growth} bytes`);
  await onlyClientLeft(healthy);
  await healthy.call(
    "CONFIG",
    "SET",
    "client-output-buffer-limit",
    "normal 0 0 0",
  );
}

const abuses: [name: string, run: (port: number) => Promise<void>][] = [
  ["broken requests get their error and are closed", refuseAll],
  ["blank requests are ignored", ignoreAll],
  ["browsers are cut off at once", dropAttacks],
  [
    "ten thousand pipelined commands are answered in order",
    pipelineManyCommands,
  ],
  ["inline requests may be 64 KB long", acceptLongInlines],
  ["a command may have a million arguments", acceptManyArguments],
  ["a bulk of 10 MB may come in small pieces", acceptBulkInPieces],
  ["half-open sockets disturb nobody", bearHalfOpenSockets],
  ["a slow reader is bounded", boundSlowReaders],
];

Deno.test("Keysaur bears abuse of the protocol", async (t) => {
  await using keysaur = await startKeysaur();
  for (const [name, run] of abuses) await t.step(name, () => run(keysaur.port));
});

Deno.test({
  name: "redis-server bears the same abuse in the same way",
  ignore: !realRedis(),
  fn: async (t) => {
    await using real = await startRedis();
    for (const [name, run] of abuses) await t.step(name, () => run(real.port));
  },
});
