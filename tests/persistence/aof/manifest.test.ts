/** The manifest: what it says, what it refuses, how it changes. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  Manifest,
  manifestBytes,
  ManifestError,
} from "../../../src/persistence/aof/manifest.ts";
import { bytesOf } from "../../dispatch/harness.ts";

const parse = (text: string) => Manifest.parse(bytesOf(text));

/** Why a text is refused, and the line that the refusal names. */
function refusal(text: string): [string, number | undefined] {
  const error = assertThrows(() => parse(text), ManifestError);
  return [error.message, error.line?.number];
}

Deno.test("a manifest is written as it was read", () => {
  for (
    const text of [
      "file appendonly.aof seq 1 type b\n",
      "file a.1.incr.aof seq 1 type i\n",
      "file a.2.base.rdb seq 2 type b\n" +
      "file a.1.incr.aof seq 1 type h\nfile a.1.base.rdb seq 1 type h\n" +
      "file a.3.incr.aof seq 3 type i\nfile a.7.incr.aof seq 7 type i\n",
      'file " file seq \\n\\n.aof .1.base.rdb" seq 1 type b\n',
      'file "\\xc3\\xa9\\"x.1.incr.aof" seq 1 type i\n',
    ]
  ) {
    assertEquals(
      new TextDecoder().decode(manifestBytes(parse(text))),
      text,
    );
  }
});

Deno.test("comments, blanks around, quotes, other keys and orders are taken", () => {
  const manifest = parse(
    "# a comment, file x seq 1 type b\n" +
      "  FILE 'a b' seq 2 type base \t\r\n" +
      'type i newkey newvalue seq 1 file "a\\x2e1"\n',
  );
  assertEquals(manifest.base, { name: "a b", number: 2, type: "b" });
  assertEquals(manifest.increments, [{ name: "a.1", number: 1, type: "i" }]);
});

Deno.test("what is no manifest is refused, with the line", () => {
  const good = "file a seq 1 type b\n";
  const format = "Invalid AOF manifest file format";
  const rows: [string, string, number | undefined][] = [
    ["", "Found an empty AOF manifest", undefined],
    [good + "\n", format, 2],
    [good + " \t\n", format, 2],
    ["filx a seq 1 type b\n", format, 1],
    ["file a seq 1\n", format, 1],
    ["file a seq 1 type i newkey\n", format, 1],
    ["file a seq 0 type i\n", format, 1],
    ["file a seq x type i\n", format, 1],
    ['file a seq 1 type ""\n', format, 1],
    ['file "a seq 1 type i\n', format, 1],
    ["file a/b seq 1 type b\n", "File can't be a path, just a filename", 1],
    ["file a\\b seq 1 type b\n", "File can't be a path, just a filename", 1],
    ["file a seq 1 type x\n", "Unknown AOF file type", 1],
    [good + good, "Found duplicate base file information", 2],
    [
      "#\nfile a seq 2 type i\nfile b seq 2 type i\n",
      "Found a non-monotonic sequence number",
      3,
    ],
    ["file a seq -1 type i\n", "Found a non-monotonic sequence number", 1],
    [
      "file a seq 1 type b",
      "The AOF manifest file contains too long line",
      undefined,
    ],
    [
      good + "file " + "a".repeat(1020) + " seq 1 type i\n",
      "The AOF manifest file contains too long line",
      undefined,
    ],
  ];
  for (const [text, reason, line] of rows) {
    assertEquals(refusal(text), [reason, line], text);
  }
});

Deno.test("the longest line that is taken has 1024 bytes", () => {
  const line = (count: number) => {
    const rest = " seq 1 type b\n";
    return "file " + "a".repeat(count - 5 - rest.length) + rest;
  };
  assertEquals(parse(line(1024)).base?.name.length, 1024 - 19);
  assertEquals(refusal(line(1025))[0].slice(-13), "too long line");
});

Deno.test("a rewrite gives new names and makes the old files history", () => {
  const first = Manifest.empty.withNewBase("x.aof", "rdb")
    .withNewIncrement("x.aof");
  assertEquals(
    first.format(),
    "file x.aof.1.base.rdb seq 1 type b\nfile x.aof.1.incr.aof seq 1 type i\n",
  );
  const begun = first.withNewIncrement("x.aof").withNewIncrement("x.aof");
  const done = begun.withNewBase("x.aof", "aof").withPastIncrements(1);
  assertEquals(
    done.format(),
    "file x.aof.2.base.aof seq 2 type b\n" +
      "file x.aof.1.incr.aof seq 1 type h\n" +
      "file x.aof.2.incr.aof seq 2 type h\n" +
      "file x.aof.1.base.rdb seq 1 type h\n" +
      "file x.aof.3.incr.aof seq 3 type i\n",
  );
  const clean = done.withoutHistory(new Set(done.history));
  assertEquals(clean.history, []);
  // Numbers rise although no increment is left.
  const off = clean.withPastIncrements(0);
  assertEquals(off.increments, []);
  assertEquals(off.withNewIncrement("x.aof").increments[0].number, 4);
  // As after a restart: what is not in the file is not known.
  const read = parse("file x.aof.2.base.aof seq 2 type b\n");
  assertEquals(read.withNewIncrement("x.aof").increments[0].number, 1);
});
