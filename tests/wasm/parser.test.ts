/**
 * What the request parser makes of bytes, judged by the slow second reader in
 * tests/protocol/oracle.ts. How input is kept between chunks: input.test.ts.
 */
import { assert, assertEquals } from "@std/assert";
import * as codes from "../../wasm/codes.ts";
import { anyFrame, multibulk } from "../protocol/frames.ts";
import { readRequests, type Requests } from "../protocol/oracle.ts";
import { Random } from "../support/random.ts";
import {
  assertCommands,
  Client,
  type Host,
  loadParser,
} from "./parser_host.ts";

const UNAUTHENTICATED = 0;
const CLIENT = 1;
const PRIMARY = 2;

const errorTexts = new Map<number, string>([
  [codes.TOO_BIG_INLINE_REQUEST, "too big inline request"],
  [codes.UNBALANCED_QUOTES, "unbalanced quotes in request"],
  [codes.TOO_BIG_COUNT_LINE, "too big mbulk count string"],
  [codes.INVALID_COUNT, "invalid multibulk length"],
  [codes.UNAUTHENTICATED_COUNT, "unauthenticated multibulk length"],
  [codes.TOO_BIG_BULK_LINE, "too big bulk count string"],
  [codes.EXPECTED_DOLLAR, "expected '$', got "],
  [codes.INVALID_BULK_LENGTH, "invalid bulk length"],
  [codes.UNAUTHENTICATED_BULK_LENGTH, "unauthenticated bulk length"],
]);

const corpus = [
  multibulk(["PING"]),
  multibulk(["SET", "key:000000012345", "xxx"]) + multibulk(["GET", "key"]),
  multibulk(["", "", ""]),
  multibulk(["a".repeat(9), "b".repeat(10), "c".repeat(99), "d".repeat(100)]),
  multibulk(["\r\n", "$3\r\n", "*1\r\n", "\0", "\xff"]),
  multibulk(Array.from({ length: 12 }, (_, i) => "v".repeat(i))),
  "*0\r\n*-1\r\n*-2147483648\r\n" + multibulk(["after", "nothing"]),
  "\r\n\n \t\r\nPING\r\n\r\nECHO hi\n",
  `SET "a b" 'c d' e"f" \\x 'it\\'s' "\\x4a\\n\\"" ''\r\n` + multibulk(["x"]),
  // Redis looks neither at the byte after a carriage return nor at the two
  // after an argument.
  "*2\rX$4\r?PINGab$1\r\nzcd*1\r\n$1\r\ny\r\n",
  'ECHO "open\r\n',
  "ECHO 'a'b\r\n",
  "*1\r\n:3\r\nfoo\r\n",
  "*2\r\n$3\r\nGET\r\n$-1\r\n",
  "*1\r\n$01\r\nx\r\n",
  "*01\r\n",
  "*2147483648\r\n",
  "*\r\n",
  "*3\r\n$3\r\nSET\r\n\r\n",
];

/** Whether a client has met what the oracle expects. */
function judge(client: Client, expected: Requests, context: string): void {
  const { commands, ending } = expected;
  const isCut = ending.kind === "dropped" || ending.kind === "unspecified";
  const met = isCut
    ? client.commands.slice(0, commands.length)
    : client.commands;
  assertCommands(met, commands, context);
  if (isCut) return;
  if (ending.kind !== "error") {
    assertEquals(client.error, null, context);
    assertEquals(client.input !== 0, ending.kind === "waiting", context);
    return;
  }
  const text = errorTexts.get(client.error ?? 0);
  assert(text !== undefined, `${context}: error ${client.error}`);
  assert(ending.text.startsWith(`ERR Protocol error: ${text}`), context);
}

function sendPieces(host: Host, pieces: string[]): Client {
  const client = new Client(host);
  for (const piece of pieces) {
    if (client.error === null) client.send(piece);
  }
  return client;
}

Deno.test("a message reads the same however it is cut in up to three", async () => {
  const host = await loadParser(true);
  for (const message of corpus) {
    const expected = readRequests(message);
    for (let first = 0; first <= message.length; first++) {
      // A long message is not cut at every place, to keep the test short.
      const step = message.length > 100 ? 7 : 1;
      for (let second = first; second <= message.length; second += step) {
        const pieces = [
          message.slice(0, first),
          message.slice(first, second),
          message.slice(second),
        ];
        const client = sendPieces(host, pieces);
        judge(client, expected, JSON.stringify(pieces));
        client.close();
      }
    }
  }
  host.verifyEmpty();
});

Deno.test("a message reads the same byte by byte", async () => {
  const host = await loadParser(true);
  for (const message of corpus) {
    const client = sendPieces(host, [...message]);
    judge(client, readRequests(message), JSON.stringify(message));
    client.close();
  }
  host.verifyEmpty();
});

Deno.test("no byte beyond the source is read", async () => {
  const host = await loadParser(false);
  host.calls.memory.grow(1);
  for (const message of corpus) {
    for (let length = 0; length <= message.length; length++) {
      const text = message.slice(0, length);
      // An inline command is split in place, so each turn writes it anew.
      host.calls.setSource(host.writeAtEnd(text), length);
      const met: string[][] = [];
      while (host.calls.parseNext() === 1) met.push(host.command());
      assertEquals(met, readRequests(text).commands, JSON.stringify(text));
    }
  }
});

/** Frames of any kind, in random pieces, from clients that take turns. */
function fuzz(host: Host, random: Random, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    const context = `seed ${random.seed}, round ${round}`;
    const turns = Array.from({ length: 1 + random.int(4) }, () => {
      const frames = Array.from(
        { length: 1 + random.int(12) },
        () => anyFrame(random),
      );
      return { client: new Client(host), sent: frames.join(""), at: 0 };
    });
    let open = turns;
    while (open.length > 0) {
      const turn = random.pick(open);
      const length = 1 + random.int(random.pick([2, 20, 200, 5000]));
      turn.client.send(turn.sent.slice(turn.at, turn.at + length));
      turn.at += length;
      open = open.filter(({ client, sent, at }) =>
        client.error === null && at < sent.length
      );
    }
    for (const { client, sent } of turns) {
      judge(client, readRequests(sent), context);
      client.close();
    }
    host.verifyEmpty(context);
  }
}

Deno.test("random frames in random pieces read as the oracle reads them", async () => {
  fuzz(await loadParser(true), new Random(7001), 1000);
  fuzz(await loadParser(false), new Random(7002), 4000);
});

Deno.test("a huge pipeline is read in order", async () => {
  const host = await loadParser(false);
  const client = new Client(host);
  const commandCount = 50000;
  let sent = "";
  for (let i = 0; i < commandCount; i++) {
    sent += i % 10 === 0 ? `INCR key:${i}\r\n` : multibulk(["GET", `key:${i}`]);
  }
  for (let at = 0; at < sent.length; at += 65536) {
    client.send(sent.slice(at, at + 65536));
  }
  assertEquals(client.commands.length, commandCount);
  for (const [i, [, key]] of client.commands.entries()) {
    assertEquals(key, `key:${i}`);
  }
  assertEquals(client.input, 0);
});

/** The code that a client meets when it sends this, in one piece or in many. */
function errorOf(host: Host, sent: string): number | null {
  const whole = sendPieces(host, [sent]);
  const pieces = sent.match(/[^]{1,1009}/g) ?? [];
  const cut = sendPieces(host, pieces);
  assertEquals(whole.error, cut.error);
  assertEquals(whole.commands, cut.commands);
  whole.close();
  cut.close();
  return whole.error;
}

Deno.test("a line may be as long as an inline request, not longer", async () => {
  const host = await loadParser(false);
  const lines = [
    { start: "GET ", end: "\n", code: codes.TOO_BIG_INLINE_REQUEST },
    { start: "*", end: "\r\n", code: codes.TOO_BIG_COUNT_LINE },
    { start: "*1\r\n$", end: "\r\n", code: codes.TOO_BIG_BULK_LINE },
  ];
  for (const { start, end, code } of lines) {
    const fill = (length: number) =>
      start + "1".repeat(length - start.length + start.lastIndexOf("\n") + 1);
    // The end may stand behind so many bytes, and is missed after one more.
    const within = errorOf(host, fill(65536) + end);
    assertEquals(within === code, false, start);
    assertEquals(errorOf(host, fill(65536)), null, start);
    assertEquals(errorOf(host, fill(65537)), code, start);
    assertEquals(errorOf(host, fill(65537) + end), code, start);
    assertEquals(errorOf(host, fill(200000)), code, start);
  }
});

Deno.test("a NUL byte hides the end of its line", async () => {
  const host = await loadParser(false);
  for (const start of ["\0", "GET \0 x", "*\0", "*1\0", "*1\r\n$\0"]) {
    assertEquals(errorOf(host, `${start}\r\nPING\r\n`), null, start);
    const error = errorOf(host, start + "\r\n".repeat(40000));
    assert(error !== null && errorTexts.get(error)?.startsWith("too big"));
  }
});

Deno.test("the wrong byte in place of '$' is told", async () => {
  const host = await loadParser(false);
  for (const byte of ["*", ":", "x", "\r", "\n", "\xff"]) {
    const sent = `*1\r\n${byte}1\r\n`;
    assertEquals(errorOf(host, sent), codes.EXPECTED_DOLLAR);
    assertEquals(host.calls.errorByte(), byte.charCodeAt(0));
  }
});

Deno.test("counts and lengths are bounded by what the sender may do", async () => {
  const host = await loadParser(false);
  const { calls } = host;
  const count = (n: number) => errorOf(host, `*${n}\r\n`);
  const bulk = (n: number) => errorOf(host, `*1\r\n$${n}\r\n`);

  calls.setParserLimits(1000, 1 << 20, 65536);
  assertEquals(count(1000), null);
  assertEquals(count(1001), codes.INVALID_COUNT);
  assertEquals(bulk(1 << 20), null);
  assertEquals(bulk((1 << 20) + 1), codes.INVALID_BULK_LENGTH);

  calls.setParserTrust(UNAUTHENTICATED);
  assertEquals(count(10), null);
  assertEquals(count(11), codes.UNAUTHENTICATED_COUNT);
  assertEquals(count(1001), codes.INVALID_COUNT);
  assertEquals(bulk(16384), null);
  assertEquals(bulk(16385), codes.UNAUTHENTICATED_BULK_LENGTH);
  assertEquals(bulk((1 << 20) + 1), codes.INVALID_BULK_LENGTH);

  calls.setParserTrust(PRIMARY);
  assertEquals(bulk((1 << 20) + 1), null);
  assertEquals(bulk(2 ** 32), codes.INVALID_BULK_LENGTH);
  assertEquals(bulk(-1), codes.INVALID_BULK_LENGTH);

  calls.setParserTrust(CLIENT);
  calls.setParserLimits(0x7fffffff, 0xffffffff, 65536);
  assertEquals(bulk(2 ** 32 - 1), codes.INVALID_BULK_LENGTH);
  assertEquals(count(2 ** 31), codes.INVALID_COUNT);

  calls.setParserLimits(0x7fffffff, 0xffffffff, 10);
  assertEquals(errorOf(host, "1234567890\n"), null);
  assertEquals(
    errorOf(host, "12345678901\n"),
    codes.TOO_BIG_INLINE_REQUEST,
  );
});

const inlineTable: [line: string, words: string[] | null][] = [
  ["", []],
  [" \t\v\f\r", []],
  ["a", ["a"]],
  ["  a  b\tc  ", ["a", "b", "c"]],
  ["a\vb a\fb \va", ["a\vb", "a\fb", "a"]],
  ["a\rb", ["a", "b"]],
  ['""', [""]],
  ["''", [""]],
  ['"" \'\' ""', ["", "", ""]],
  ['"a b"', ["a b"]],
  ["'a b'", ["a b"]],
  ['pre"fix ed"', ["prefix ed"]],
  ["pre'fix ed'", ["prefix ed"]],
  [`"it's" 'say "hi"'`, ["it's", 'say "hi"']],
  ['"\\n\\r\\t\\b\\a\\\\\\"\\q"', ['\n\r\t\b\x07\\"q']],
  ['"\\x00\\xff\\xAb"', ["\x00\xff\xab"]],
  ['"\\xg0\\x0g\\x"', ["xg0x0gx"]],
  ['"\\x4"', ["x4"]],
  ["'\\n\\x41\\'\\\\ '", ["\\n\\x41'\\\\ "]],
  ["a\\nb", ["a\\nb"]],
  ['"a"\v\'b\'\f"c"', ["a", "b", "c"]],
  ['"', null],
  ["'", null],
  ['"a', null],
  ["'a", null],
  ['"a"b', null],
  ["'a'b", null],
  ['"a""b"', null],
  ["'a''b'", null],
  ['a "b\\', null],
  ['"b\\"', null],
  ["'b\\'", null],
];

Deno.test("inline words are split and unquoted", async () => {
  const host = await loadParser(true);
  for (const [line, words] of inlineTable) {
    for (const end of ["\n", "\r\n"]) {
      const client = sendPieces(host, [line + end]);
      const context = JSON.stringify(line + end);
      if (words === null) {
        assertEquals(client.error, codes.UNBALANCED_QUOTES, context);
      } else {
        assertEquals(client.error, null, context);
        assertEquals(client.commands, words.length ? [words] : [], context);
      }
    }
  }
});

Deno.test("random inline lines read as the oracle reads them", async () => {
  const host = await loadParser(true);
  const random = new Random(7003);
  const pieces = ['"', "'", "\\", "x", "4", "f", "n", " ", "\t", "\v", "a"];
  for (let round = 0; round < 5000; round++) {
    let line = "";
    for (let n = random.int(20); n > 0; n--) line += random.pick(pieces);
    const client = sendPieces(host, [line + "\n"]);
    const context = `seed ${random.seed}: ${JSON.stringify(line)}`;
    judge(client, readRequests(line + "\n"), context);
  }
});
