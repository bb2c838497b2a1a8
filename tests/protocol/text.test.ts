import { assertEquals } from "@std/assert";
import {
  bytesFromText,
  quoted,
  splitArguments,
  textFromBytes,
} from "../../src/protocol/text.ts";
import { Random } from "../support/random.ts";

const SEED = 20240109;

Deno.test("a line splits at blanks, and quotes keep blanks", () => {
  const cases: [line: string, words: string[] | undefined][] = [
    ["", []],
    ["  \t ", []],
    ["port 1", ["port", "1"]],
    ["  port \t 1  ", ["port", "1"]],
    ['save ""', ["save", ""]],
    ["save ''", ["save", ""]],
    ['a "b c" d', ["a", "b c", "d"]],
    ['a "x\\x41\\n\\r\\t\\b\\a\\q\\"\\\\"', ["a", 'xA\n\r\t\b\x07q"\\']],
    ['a "\\x4" "\\xzz"', ["a", "x4", "xzz"]],
    ["a 'it\\'s \\n'", ["a", "it's \\n"]],
    ['foo"bar" x', ["foobar", "x"]],
    ['"\\xc3\\xa9" é', ["é", "é"]],
    ['"open', undefined],
    ["'open", undefined],
    ['"open\\', undefined],
    ['"closed"too soon', undefined],
    ["'closed'too soon", undefined],
    ['"a""b"', undefined],
  ];
  for (const [line, words] of cases) {
    assertEquals(splitArguments(line), words, line);
  }
});

Deno.test("any bytes survive the way through text and through quotes", () => {
  const random = new Random(SEED);
  for (let round = 0; round < 2000; round++) {
    const bytes = random.bytes(random.int(12));
    const text = textFromBytes(bytes);
    const hint = `seed ${SEED} round ${round}`;
    assertEquals(bytesFromText(text), bytes, hint);
    const words = splitArguments(`${quoted(text)} ${quoted(text)}`);
    assertEquals(words?.map(bytesFromText), [bytes, bytes], hint);
  }
});

Deno.test("UTF-8 is ordinary text and a stray byte is a lone surrogate", () => {
  const bytes = new TextEncoder().encode("é😀");
  assertEquals(textFromBytes(bytes), "é😀");
  assertEquals(textFromBytes(Uint8Array.of(0x61, 0xff, 0xc3)), "a\udcff\udcc3");
  assertEquals(
    bytesFromText("😀\udc80"),
    Uint8Array.of(240, 159, 152, 128, 128),
  );
  // CESU-8, an encoded surrogate, is no UTF-8 and must not become one.
  const cesu = Uint8Array.of(0xed, 0xb2, 0x80);
  assertEquals(bytesFromText(textFromBytes(cesu)), cesu);
});

Deno.test("quotes show what cannot be printed as escapes", () => {
  assertEquals(
    quoted('a"\\\n\r\t\x07\b\x01é'),
    '"a\\"\\\\\\n\\r\\t\\a\\b\\x01\\xc3\\xa9"',
  );
});
