import { assert, assertEquals, assertFalse } from "@std/assert";
import { agree, decodeReply, encodeReply } from "./compare.ts";
import { type Looseness, splitLine } from "./script.ts";

const unordered: Looseness = { kind: "unordered" };
const sameShape: Looseness = { kind: "sameShape" };
const near: Looseness = { kind: "approximate", tolerance: 2 };
const rounded: Looseness = { kind: "rounded", digits: 2 };
const prefix: Looseness = { kind: "errorPrefix", reason: "test" };
const ignore: Looseness = { kind: "ignore", reason: "test" };

Deno.test("A reply keeps its bytes when it is read and written again", () => {
  const wires = [
    "+OK\r\n",
    "-ERR no\r\n",
    ":-5\r\n",
    ":9223372036854775807\r\n",
    "$-1\r\n",
    "*-1\r\n",
    "_\r\n",
    "#t\r\n",
    "$3\r\n\x00\r\xff\r\n",
    "=7\r\ntxt:abc\r\n",
    "(123456789012345678901234567890\r\n",
    "*2\r\n$1\r\na\r\n*0\r\n",
    "~1\r\n:1\r\n",
    "%1\r\n+a\r\n*1\r\n_\r\n",
  ];
  for (const wire of wires) {
    const reply = decodeReply(wire);
    assert(reply !== null);
    assertEquals(encodeReply(reply), wire);
  }
});

Deno.test("An exact comparison notices value, type and kind of null", () => {
  const exact: Looseness = { kind: "exact" };
  assert(agree(exact, ":1\r\n", ":1\r\n"));
  assertFalse(agree(exact, ":1\r\n", ":2\r\n"));
  assertFalse(agree(exact, "+a\r\n", "$1\r\na\r\n"));
  assertFalse(agree(exact, "$-1\r\n", "*-1\r\n"));
  assertFalse(agree(exact, "$-1\r\n", "_\r\n"));
  assertFalse(agree(exact, "-ERR a\r\n", "-ERR b\r\n"));
});

Deno.test("An unordered comparison ignores nothing but the order", () => {
  assert(agree(unordered, "*2\r\n:1\r\n:2\r\n", "*2\r\n:2\r\n:1\r\n"));
  assertFalse(agree(unordered, "*2\r\n:1\r\n:2\r\n", "*2\r\n:2\r\n:2\r\n"));
  assertFalse(agree(unordered, "*2\r\n:1\r\n:2\r\n", "~2\r\n:1\r\n:2\r\n"));
  assert(
    agree(
      unordered,
      "%2\r\n:1\r\n:5\r\n:2\r\n:6\r\n",
      "%2\r\n:2\r\n:6\r\n:1\r\n:5\r\n",
    ),
  );
  assertFalse(
    agree(
      unordered,
      "%2\r\n:1\r\n:5\r\n:2\r\n:6\r\n",
      "%2\r\n:2\r\n:5\r\n:1\r\n:6\r\n",
    ),
  );
});

Deno.test("A comparison of shapes notices lengths and types", () => {
  assert(agree(sameShape, "*2\r\n:1\r\n+a\r\n", "*2\r\n:9\r\n+b\r\n"));
  assertFalse(agree(sameShape, "*2\r\n:1\r\n+a\r\n", "*2\r\n:1\r\n:1\r\n"));
  assertFalse(agree(sameShape, "*1\r\n:1\r\n", "*2\r\n:1\r\n:1\r\n"));
  assertFalse(agree(sameShape, "%1\r\n+a\r\n:1\r\n", "%1\r\n+b\r\n:1\r\n"));
});

Deno.test("An approximate comparison keeps to its tolerance", () => {
  assert(agree(near, ":100\r\n", ":98\r\n"));
  assertFalse(agree(near, ":100\r\n", ":97\r\n"));
  assertFalse(agree(near, ":-1\r\n", ":-2\r\n"));
  assertFalse(agree(near, ":0\r\n", ":-1\r\n"));
  assertFalse(agree(near, ":100\r\n", "-ERR 100\r\n"));
});

Deno.test("A rounded comparison looks at numbers in bulks and doubles", () => {
  assert(agree(rounded, "$5\r\n1.234\r\n", "$6\r\n1.2349\r\n"));
  assertFalse(agree(rounded, "$5\r\n1.234\r\n", "$5\r\n1.244\r\n"));
  assertFalse(agree(rounded, "$5\r\n1.234\r\n", ",1.234\r\n"));
  assertFalse(agree(rounded, "$1\r\na\r\n", "$1\r\nb\r\n"));
});

Deno.test("A comparison of error prefixes is exact for anything else", () => {
  assert(agree(prefix, "-ERR a\r\n", "-ERR b\r\n"));
  assertFalse(agree(prefix, "-ERR a\r\n", "-WRONGTYPE a\r\n"));
  assertFalse(agree(prefix, "-ERR a\r\n", "+ERR a\r\n"));
  assertFalse(agree(prefix, "+a\r\n", "+b\r\n"));
});

Deno.test("An ignored reply must still arrive", () => {
  assert(agree(ignore, ":1\r\n", "+anything\r\n"));
  assertFalse(agree(ignore, ":1\r\n", "(the server hung up)"));
});

Deno.test("A command line is split at spaces and held together by quotes", () => {
  assertEquals(splitLine("SET k 'two words' \"it's\" ''"), [
    "SET",
    "k",
    "two words",
    "it's",
    "",
  ]);
  assertEquals(splitLine("KEYS h\\[a"), ["KEYS", "h\\[a"]);
});
