import { assert, assertEquals } from "@std/assert";
import { expandGlob } from "../../src/server/config/expandGlob.ts";
import { globMatch } from "../../src/protocol/glob.ts";
import { Random } from "../support/random.ts";

const SEED = 7204;

Deno.test("a glob matches as in Redis", () => {
  const cases: [pattern: string, text: string, matches: boolean][] = [
    ["*", "x", true],
    ["max*", "maxmemory", true],
    ["max*y", "maxmemory", true],
    ["max*z", "maxmemory", false],
    ["*of", "replicaof", true],
    ["**a**", "bab", true],
    ["h?llo", "hello", true],
    ["h?llo", "hllo", false],
    ["h[ae]llo", "hallo", true],
    ["h[^e]llo", "hello", false],
    ["h[^e]llo", "hallo", true],
    ["h[a-c]llo", "hbllo", true],
    ["h[c-a]llo", "hbllo", true],
    ["h[a-c]llo", "hdllo", false],
    ["h[\\]]llo", "h]llo", true],
    ["h[ab", "hb", true],
    ["h[]", "hx", false],
    ["h[^]", "hx", true],
    ["h\\*", "h*", true],
    ["h\\*", "hx", false],
    ["h\\", "h\\", true],
    ["ab", "abc", false],
    ["abc", "ab", false],
    ["", "", true],
    ["*", "", false],
    ["[\x80-a]", "\x01", true],
    ["[\x80-a]", "b", false],
  ];
  for (const [pattern, text, matches] of cases) {
    assertEquals(
      globMatch(pattern, text, false),
      matches,
      `${pattern} ${text}`,
    );
  }
});

Deno.test("without regard to case, classes fold and escapes in them do not", () => {
  assert(globMatch("MAX*", "maxmemory", true));
  assert(!globMatch("MAX*", "maxmemory", false));
  assert(globMatch("[A-C]x", "bX", true));
  assert(!globMatch("[\\A]x", "ax", true));
});

Deno.test("a glob of many stars is answered at once", () => {
  assert(!globMatch("a*".repeat(200) + "b", "a".repeat(10_000), false));
});

Deno.test("the match agrees with a plain recursive one on random globs", () => {
  const random = new Random(SEED);
  let matchCount = 0;
  for (let round = 0; round < 20_000; round++) {
    const pattern = randomWord(random, "ab*?", 7);
    const text = randomWord(random, "ab", 7);
    // An empty text is a case of its own, which is tested above.
    const expected = text === ""
      ? pattern === ""
      : matchesSlowly(pattern, text);
    const hint = `seed ${SEED} round ${round} ${pattern} ${text}`;
    assertEquals(globMatch(pattern, text, false), expected, hint);
    if (expected) matchCount += 1;
  }
  assert(matchCount > 1000);
});

function randomWord(random: Random, letters: string, most: number): string {
  let word = "";
  for (let count = random.int(most + 1); count > 0; count--) {
    word += random.pick([...letters]);
  }
  return word;
}

function matchesSlowly(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern[0] === "*") {
    return matchesSlowly(pattern.slice(1), text) ||
      (text !== "" && matchesSlowly(pattern, text.slice(1)));
  }
  return text !== "" && (pattern[0] === "?" || pattern[0] === text[0]) &&
    matchesSlowly(pattern.slice(1), text.slice(1));
}

Deno.test("an included pattern finds files as the shell does, sorted", () => {
  const tree: Record<string, string[]> = {
    "/etc/": ["b", "a", ".hidden", "x.conf"],
    "/etc/a/": ["2.conf", "1.conf", ".3.conf"],
    "/etc/b/": ["1.conf"],
    ".": ["here.conf", "there.txt"],
  };
  const list = (path: string) => {
    const names = tree[path];
    if (names === undefined) throw new Deno.errors.NotFound(path);
    return names;
  };
  const expand = (pattern: string) => expandGlob(pattern, list);
  assertEquals(expand("/etc/a/*.conf"), ["/etc/a/1.conf", "/etc/a/2.conf"]);
  assertEquals(expand("/etc/?/1.conf"), ["/etc/a/1.conf", "/etc/b/1.conf"]);
  assertEquals(expand("/etc/[!a]/*"), ["/etc/b/1.conf"]);
  assertEquals(expand("/etc/a/.*.conf"), ["/etc/a/.3.conf"]);
  assertEquals(expand("*.conf"), ["here.conf"]);
  assertEquals(expand("/none/*.conf"), []);
});
