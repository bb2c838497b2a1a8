/**
 * What a hostile, broken or merely odd client sends: whole requests, and the
 * same damaged in every way that a parser may trip over. One character stands
 * for one byte. No damage can turn these commands into one that stops, blocks
 * or empties the server.
 */

import type { Random } from "../support/random.ts";

/** A request as clients write it: an array of bulk strings. */
export function multibulk(args: readonly string[]): string {
  const bulks = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${bulks.join("")}`;
}

const oddLengths = [
  "-1",
  "-2",
  "0",
  "00",
  "01",
  "+1",
  " 1",
  "1 ",
  "",
  "-",
  "abc",
  "1.0",
  "1e3",
  "0x10",
  "1024",
  "65536",
  "536870911",
  "536870912",
  "536870913",
  "1048576",
  "1048577",
  "2147483647",
  "2147483648",
  "4294967295",
  "4294967296",
  "-2147483648",
  "9223372036854775807",
  "9223372036854775808",
  "-9223372036854775808",
  "18446744073709551615",
  "99999999999999999999",
  "999999999999999999999999999999999999",
];

const oddInlines = [
  "PING",
  "ping  ",
  "  PING",
  "\tPING\t",
  "",
  "   ",
  'ECHO "quoted words"',
  "ECHO 'single quoted'",
  'ECHO "\\x41\\x00\\xff"',
  'ECHO "\\n\\r\\t\\b\\a\\\\\\""',
  "ECHO 'it\\'s'",
  'ECHO "open',
  "ECHO 'open",
  'ECHO "closed"directly',
  "ECHO 'closed'directly",
  'ECHO pre"quoted"',
  'ECHO ""',
  "ECHO ''",
  '"PING"',
  "PI\\NG",
  "$5",
  "+OK",
  ":1",
  "-ERR",
  ">3",
  "_",
  "\x80\xff",
  "GET a b c d e f",
];

/** Bytes that steer a RESP parser, wherever they turn up. */
const steeringBytes = [
  "\r",
  "\n",
  "\r\n",
  "*",
  "$",
  ":",
  "+",
  "-",
  "\0",
  " ",
  '"',
];

const attacks = [
  "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "Host: localhost\r\n",
  "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  multibulk(["POST", "x"]),
  multibulk(["host:"]),
];

/** Bytes of any kind as text. */
export function randomText(random: Random, length: number): string {
  return String.fromCharCode(...random.bytes(length));
}

/** A valid request that every server answers at once. */
function validFrame(random: Random): string {
  const key = `fuzz:${random.int(8)}`;
  const payload = randomText(
    random,
    random.int(random.chance(0.05) ? 3000 : 30),
  );
  const args = random.pick([
    ["PING"],
    ["PING", payload],
    ["ECHO", payload],
    ["ECHO", payload],
    ["SET", key, payload],
    ["GET", key],
    ["STRLEN", key],
    ["EXISTS", key, payload],
    ["MGET", key, payload, key],
    ["DEL", key],
  ]);
  if (
    random.chance(0.1) && !/[^\x21\x23-\x26\x28-\x7e]|^$/.test(args.join(""))
  ) {
    return args.join(" ") + random.pick(["\r\n", "\n"]);
  }
  return multibulk(args);
}

/** One frame: often valid, else broken on purpose. */
export function anyFrame(random: Random): string {
  const choice = random.int(100);
  if (choice < 60) return validFrame(random);
  if (choice < 75) return damage(random, validFrame(random));
  if (choice < 85) return oddHeader(random);
  if (choice < 93) return random.pick(oddInlines) + random.pick(["\r\n", "\n"]);
  if (choice < 96) return nestedGarbage(random);
  if (choice < 99) return randomText(random, 1 + random.int(60));
  return random.pick(attacks);
}

/** A header whose count or length is no good number, or a much too large one. */
function oddHeader(random: Random): string {
  const length = random.pick(oddLengths);
  return random.pick([
    `*${length}\r\n`,
    `*${length}\r\n$4\r\nPING\r\n`,
    `*1\r\n$${length}\r\nPING\r\n`,
    `*2\r\n$4\r\nECHO\r\n$${length}\r\nhello\r\n`,
    `*1\r\n${
      random.pick([":", "+", "-", "*", "_", "#", "\r", "\n", "\xff"])
    }${length}\r\n`,
  ]);
}

/** Arrays within arrays and replies where requests belong. */
function nestedGarbage(random: Random): string {
  const depth = 1 + random.int(20);
  const inner = random.pick(["$4\r\nPING\r\n", ":1\r\n", "+OK\r\n", "%1\r\n"]);
  return random.pick(["*1\r\n", "*2\r\n", "*-1\r\n", "*0\r\n"]).repeat(depth) +
    inner;
}

/** Flips, drops, repeats, inserts or cuts somewhere in a frame. */
function damage(random: Random, frame: string): string {
  let text = frame;
  for (let turn = random.int(3); turn >= 0; turn--) {
    const at = random.int(text.length + 1);
    const before = text.slice(0, at);
    const after = text.slice(at);
    switch (random.int(5)) {
      case 0: {
        const flipped = (after.charCodeAt(0) || 0) ^ (1 << random.int(8));
        text = before + String.fromCharCode(flipped) + after.slice(1);
        break;
      }
      case 1:
        text = before + after.slice(1 + random.int(4));
        break;
      case 2:
        text = before + after.slice(0, 6) + after;
        break;
      case 3:
        text = before + random.pick(steeringBytes) + after;
        break;
      default:
        text = before;
    }
  }
  return text;
}

/** Cuts a stream into the pieces in which a client writes it. */
export function cutRandomly(random: Random, text: string): string[] {
  const pieces: string[] = [];
  const longest = random.pick([1, 3, 16, 200, 4096, 100_000]);
  // Writing a long stream byte by byte would take longer than it teaches.
  const atLeast = Math.ceil(text.length / 40);
  for (let at = 0; at < text.length;) {
    const length = Math.max(atLeast, 1 + random.int(longest));
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  return pieces;
}
