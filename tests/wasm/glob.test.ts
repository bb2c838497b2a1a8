import { assert, assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import { KeyspaceHost } from "./keyspace_host.ts";

const SEED = 20_261_123;
const host = await KeyspaceHost.load(false);

Deno.test("a pattern matches as in Redis", () => {
  const cases: [pattern: string, matching: string[], others: string[]][] = [
    ["", [""], ["a"]],
    ["abc", ["abc"], ["ab", "abcd", "ABC", ""]],
    ["*", ["a", "ab"], []],
    ["**", ["a", "ab"], []],
    ["?", ["a", "\xff", "\n", "\0"], ["", "ab"]],
    ["a*", ["a", "ab", "abc"], ["ba", ""]],
    ["*c", ["c", "abc"], ["cb"]],
    ["a*c", ["ac", "abc", "acbc"], ["acb"]],
    ["*a*b*", ["ab", "xaxbx"], ["ba"]],
    ["h?llo", ["hello", "h?llo"], ["hllo"]],
    ["h[ae]llo", ["hallo", "hello"], ["hillo", "hllo"]],
    ["h[^e]llo", ["hallo"], ["hello", "hllo"]],
    ["h[a-c]llo", ["hallo", "hbllo", "hcllo"], ["hdllo", "h-llo"]],
    ["h[c-a]llo", ["hallo", "hbllo", "hcllo"], ["hdllo"]],
    // A range may end with the bracket, which then closes nothing.
    ["h[a-]llo", ["ha", "h]", "hl", "h^"], ["hallo", "h-llo", "hb"]],
    ["h[\\]]llo", ["h]llo"], ["h\\llo"]],
    ["h[a\\-z]llo", ["hallo", "h-llo", "hzllo"], ["hbllo", "h\\llo"]],
    ["[^]", ["a"], ["", "ab"]],
    ["[", [], ["[", "a"]],
    ["[a", ["a"], ["[", "b"]],
    ["[a-", ["a", "-"], ["b"]],
    ["[]a]", [], ["]", "a", "]a]"]],
    ["\\*", ["*"], ["a", "\\*"]],
    ["\\a", ["a"], ["\\a"]],
    ["a\\", ["a\\"], ["a"]],
    ["[\\", ["\\"], ["a"]],
    ["\xe4*", ["\xe4", "\xe4b"], ["\xc4"]],
  ];
  for (const [pattern, matching, others] of cases) {
    for (const text of matching) assert(host.matches(pattern, text), pattern);
    for (const text of others) {
      assert(!host.matches(pattern, text), `${pattern} ${text}`);
    }
  }
});

Deno.test("an empty text matches the empty pattern only, as in Redis", () => {
  assert(host.matches("", ""));
  for (const pattern of ["*", "**", "?", "[^a]", "\\"]) {
    assert(!host.matches(pattern, ""), pattern);
  }
});

Deno.test("the ends of a range are signed bytes, as in Redis", () => {
  assert(host.matches("[\xf0-\xff]", "\xf8"));
  assert(!host.matches("[\xf0-\xff]", "\xe0"));
  // -1 and 97: all of ASCII up to 97 is between them.
  for (const text of ["\xff", "\0", "A", "a"]) {
    assert(host.matches("[a-\xff]", text), text);
  }
  for (const text of ["b", "z", "\xfe", "\x80"]) {
    assert(!host.matches("[a-\xff]", text), text);
  }
});

Deno.test("without regard to case, letters fold and escaped members do not", () => {
  const matches = (pattern: string, text: string) =>
    host.matches(pattern, text, true);
  assert(matches("MAX*Y", "maxmemorY"));
  assert(matches("\\A", "a"));
  assert(matches("[A-C]", "b"));
  assert(matches("[A]", "a"));
  assert(matches("[^A]", "b") && !matches("[^A]", "a"));
  assert(matches("[\\A]", "A") && !matches("[\\A]", "a"));
  // Put in order before they are folded, these ends leave an empty range.
  assert(!matches("[Z-a]", "m"));
  assert(!matches("\xc4", "\xe4"));
  assert(matches("@[`{", "@`"));
});

Deno.test("a pattern of many stars is answered at once", () => {
  const text = "a".repeat(100_000);
  for (
    const pattern of ["a*a*a*a*b", "a*".repeat(100) + "b", "*".repeat(1e5)]
  ) {
    const started = performance.now();
    assertEquals(host.matches(pattern, text), !pattern.endsWith("b"));
    const spentMs = performance.now() - started;
    assert(spentMs < 1000, `${pattern.slice(0, 20)} took ${spentMs} ms`);
  }
});

Deno.test("random patterns match as by the plain rules", () => {
  const random = new Random(SEED);
  let matchCount = 0;
  for (let round = 0; round < 60_000; round++) {
    const alphabet = random.pick(["ab*", "ab*?[]^-\\", "aAZz[]-\\\x90\xff*"]);
    const pattern = wordOf(random, alphabet, 9);
    const text = wordOf(random, alphabet.replace("*", ""), 7);
    const noCase = random.chance(0.3);
    const expected = matchesPlainly(pattern, text, noCase);
    const hint = `seed ${SEED} round ${round}: ${pattern} ${text} ${noCase}`;
    if (host.matches(pattern, text, noCase) !== expected) {
      assertEquals(!expected, expected, hint);
    }
    if (expected) matchCount++;
  }
  assert(matchCount > 3000, `only ${matchCount} matches`);
});

function wordOf(random: Random, letters: string, most: number): string {
  const length = random.int(most + 1);
  return Array.from({ length }, () => random.pick([...letters])).join("");
}

type Element = "star" | ((byte: number) => boolean);

/** Takes the pattern apart first and then tries every way. */
function matchesPlainly(
  pattern: string,
  text: string,
  noCase: boolean,
): boolean {
  if (text === "") return pattern === "";
  const elements = elementsOf(pattern, noCase);
  // reachable[i]: the elements so far match the first i bytes.
  let reachable = Array.from({ length: text.length + 1 }, (_, i) => i === 0);
  for (const element of elements) {
    const first = reachable.indexOf(true);
    reachable = reachable.map((_, i) =>
      element === "star"
        ? first >= 0 && i >= first
        : i > 0 && reachable[i - 1] && element(text.charCodeAt(i - 1))
    );
  }
  return reachable[text.length];
}

function elementsOf(pattern: string, noCase: boolean): Element[] {
  const elements: Element[] = [];
  let rest = pattern;
  while (rest !== "") {
    const char = rest[0];
    if (char === "[") {
      const { element, after } = classOf(rest.slice(1), noCase);
      elements.push(element);
      rest = after;
      continue;
    }
    const escapes = char === "\\" && rest.length > 1;
    const wanted = fold(rest.charCodeAt(escapes ? 1 : 0), noCase);
    if (char === "*") elements.push("star");
    else if (char === "?") elements.push(() => true);
    else elements.push((byte) => fold(byte, noCase) === wanted);
    rest = rest.slice(escapes ? 2 : 1);
  }
  return elements;
}

function classOf(
  members: string,
  noCase: boolean,
): { element: Element; after: string } {
  const negated = members.startsWith("^");
  let rest = negated ? members.slice(1) : members;
  const tests: ((byte: number) => boolean)[] = [];
  while (rest !== "" && rest[0] !== "]") {
    const code = rest.charCodeAt(0);
    if (rest[0] === "\\" && rest.length > 1) {
      const exact = rest.charCodeAt(1);
      tests.push((byte) => byte === exact);
      rest = rest.slice(2);
    } else if (rest[1] === "-" && rest.length > 2) {
      const ends = [signed(code), signed(rest.charCodeAt(2))];
      const [low, high] = ends.sort((a, b) => a - b)
        .map((end) => signed(fold(end & 255, noCase)));
      tests.push((byte) => {
        const tested = signed(fold(byte, noCase));
        return low <= tested && tested <= high;
      });
      rest = rest.slice(3);
    } else {
      tests.push((byte) => fold(byte, noCase) === fold(code, noCase));
      rest = rest.slice(1);
    }
  }
  return {
    element: (byte) => tests.some((test) => test(byte)) !== negated,
    after: rest.slice(1),
  };
}

function fold(byte: number, noCase: boolean): number {
  return noCase && byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

function signed(byte: number): number {
  return byte < 128 ? byte : byte - 256;
}
