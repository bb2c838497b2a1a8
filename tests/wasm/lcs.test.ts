/** LCS beside the textbook's table. */
import { assert, assertEquals } from "@std/assert";
import { LCS_NO_MEMORY, LCS_TOO_LARGE } from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { plain } from "../support/reply.ts";
import { BUILDS } from "../support/wasm.ts";
import { type Host, loadStrings } from "./string_host.ts";

const SEED = 20_240_621;

/** `[first, last]` in either string, and the length. */
type Range = [[number, number], [number, number], number];

/** The lengths for all pairs of prefixes, and one way back through them. */
function textbook(a: string, b: string): { text: string; ranges: Range[] } {
  const table = [new Array(b.length + 1).fill(0)];
  for (let i = 1; i <= a.length; i++) {
    table.push([0]);
    for (let j = 1; j <= b.length; j++) {
      const isMatch = a[i - 1] === b[j - 1];
      table[i][j] = isMatch
        ? table[i - 1][j - 1] + 1
        : Math.max(table[i - 1][j], table[i][j - 1]);
    }
  }
  let text = "";
  const pairs: [number, number][] = [];
  for (let i = a.length, j = b.length; i > 0 && j > 0;) {
    if (a[i - 1] === b[j - 1]) {
      text = a[i - 1] + text;
      pairs.push([--i, --j]);
    } else if (table[i - 1][j] > table[i][j - 1]) i--;
    else j--;
  }
  return { text, ranges: joined(pairs) };
}

/** Pairs of matching places, from the last on, as ranges. */
function joined(pairs: [number, number][]): Range[] {
  const ranges: Range[] = [];
  for (const [i, j] of pairs) {
    const last = ranges.at(-1);
    if (last && last[0][0] === i + 1 && last[1][0] === j + 1) {
      last[0][0]--;
      last[1][0]--;
      last[2]++;
    } else ranges.push([[i, i], [j, j], 1]);
  }
  return ranges;
}

function assertLcs(host: Host, a: string, b: string, least = 0): void {
  const context = `${JSON.stringify(a)} and ${JSON.stringify(b)}`;
  const { calls, db } = host;
  const { text, ranges } = textbook(a, b);
  host.set("a", a);
  host.set("b", b);
  host.command("a", "b");
  const used = calls.usedBytes();
  assertEquals(calls.lcsLength(db, 1, 2), text.length, context);
  assertEquals(calls.lcsText(db, 1, 2), text.length, context);
  assertEquals(host.replies().map(plain), [text], context);
  const wanted = ranges.filter((range) => range[2] >= least);
  for (const withLength of [0, 1]) {
    const length = calls.lcsRanges(db, 1, 2, least, withLength);
    assertEquals(length, text.length, context);
    assertEquals(calls.lcsRangeCount(), wanted.length, context);
    assertEquals(
      host.replies(`*${wanted.length}\r\n`).map(plain),
      [wanted.map((range) => range.slice(0, 2 + withLength))],
      context,
    );
  }
  assertEquals(calls.usedBytes(), used, "it keeps no memory");
}

for (const build of BUILDS) {
  Deno.test(`LCS agrees with the textbook (${build.name})`, async () => {
    const host = await loadStrings(build);
    const random = new Random(SEED);
    for (let turn = 0; turn < 400; turn++) {
      const alphabet = 1 + random.int(random.pick([2, 4, 20, 256]));
      const text = () =>
        String.fromCharCode(
          ...Array.from(
            { length: random.int(random.pick([8, 70, 300])) },
            () => random.int(alphabet),
          ),
        );
      assertLcs(host, text(), text(), random.int(4));
    }
    host.verify();
  });

  Deno.test(`LCS knows the borders of its words (${build.name})`, async () => {
    const host = await loadStrings(build);
    for (const length of [1, 63, 64, 65, 127, 128, 129]) {
      const a = "ab".repeat(length).slice(0, length);
      for (
        const b of [a, "", "a", "b".repeat(length), a + a, `x${a}`, `${a}x`]
      ) {
        assertLcs(host, a, b);
        assertLcs(host, b, a);
      }
    }
    // A carry has to pass through whole words without a match.
    const gap = "-".repeat(200);
    assertLcs(host, `a${gap}b`, "ab");
    assertLcs(host, "ab", `a${gap}b`);
    assertLcs(host, "abab", `ab${gap}${gap}ab${gap}`);
    host.verify();
  });

  Deno.test(`LCS reads integers as their digits (${build.name})`, async () => {
    const host = await loadStrings(build);
    assertLcs(host, "-9223372036854775808", "9223372036854775807");
    assertLcs(host, "12345", "135");
    assertLcs(host, "12345", "text 24 5");
    host.set("n", "4711");
    host.command("n", "n", "none");
    assertEquals(host.calls.lcsText(host.db, 1, 2), 4);
    assertEquals(host.replies().map(plain), ["4711"]);
    assertEquals(host.calls.lcsText(host.db, 1, 3), 0);
    assertEquals(host.calls.lcsText(host.db, 3, 1), 0);
    assertEquals(host.replies().map(plain), ["", ""]);
    assertEquals(host.calls.lcsRanges(host.db, 3, 1, 0, 0), 0);
    assertEquals(host.calls.lcsRangeCount(), 0);
    host.set("long", "x".repeat(1000));
    host.command("none", "long");
    assertEquals(host.calls.lcsText(host.db, 1, 2), 0);
    host.verify();
  });
}

Deno.test("LCS refuses what Redis's table would not hold", async () => {
  const host = await loadStrings({ debug: false });
  host.set("a", "a".repeat(99));
  host.set("b", "b".repeat(249));
  host.command("a", "b");
  host.calls.setMaxStringBytes(100 * 250 * 4);
  assertEquals(host.calls.lcsLength(host.db, 1, 2), 0);
  host.calls.setMaxStringBytes(100 * 250 * 4 - 1);
  assertEquals(host.calls.lcsLength(host.db, 1, 2), LCS_TOO_LARGE);
  assertEquals(host.calls.lcsText(host.db, 1, 2), LCS_TOO_LARGE);
  assertEquals(host.calls.lcsRanges(host.db, 1, 2, 0, 0), LCS_TOO_LARGE);
});

Deno.test("LCS without memory replies with nothing and keeps nothing", async () => {
  const host = await loadStrings({ debug: true });
  host.set("a", "abcab");
  host.set("b", "xaxbxc");
  host.command("a", "b");
  const used = host.calls.usedBytes();
  host.calls.failAllocationsAfter(0);
  assertEquals(host.calls.lcsLength(host.db, 1, 2), LCS_NO_MEMORY);
  assertEquals(host.calls.lcsText(host.db, 1, 2), LCS_NO_MEMORY);
  assertEquals(host.calls.lcsRanges(host.db, 1, 2, 0, 0), LCS_NO_MEMORY);
  host.calls.failAllocationsAfter(-1);
  assertEquals(host.calls.usedBytes(), used);
  assertEquals(host.replies(), []);
  assert(host.value("a") === "abcab");
});
