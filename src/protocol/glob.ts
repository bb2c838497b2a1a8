/**
 * Redis's glob match over texts that are in TypeScript: names, not keys.
 *
 * `*` any run, `?` any one character, `[a-c]` `[^a]` classes, `\` takes the
 * next character as it is. An unclosed class ends with the pattern. The match
 * is iterative: after a mismatch it goes back to the last `*` only, so that no
 * pattern takes longer than pattern length times text length.
 */
export function globMatch(
  pattern: string,
  text: string,
  nocase: boolean,
): boolean {
  // As in Redis, an empty text has nothing that a star could take.
  if (text === "") return pattern === "";
  let patternAt = 0;
  let textAt = 0;
  let afterStar = -1;
  let starTextAt = 0;
  while (textAt < text.length) {
    if (pattern[patternAt] === "*") {
      patternAt += 1;
      afterStar = patternAt;
      starTextAt = textAt;
      continue;
    }
    const next = matchOne(pattern, patternAt, text[textAt], nocase);
    if (next !== NO_MATCH) {
      patternAt = next;
      textAt += 1;
    } else if (afterStar >= 0) {
      starTextAt += 1;
      patternAt = afterStar;
      textAt = starTextAt;
    } else {
      return false;
    }
  }
  while (pattern[patternAt] === "*") patternAt += 1;
  return patternAt === pattern.length;
}

/** Whether the text holds a character that makes CONFIG GET or include match. */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

const NO_MATCH = -1;

/** The pattern index after one matching element, or NO_MATCH. */
function matchOne(
  pattern: string,
  at: number,
  char: string,
  nocase: boolean,
): number {
  if (at >= pattern.length) return NO_MATCH;
  if (pattern[at] === "?") return at + 1;
  if (pattern[at] === "[") return matchClass(pattern, at + 1, char, nocase);
  if (pattern[at] === "\\" && at + 1 < pattern.length) at += 1;
  return folded(pattern[at], nocase) === folded(char, nocase)
    ? at + 1
    : NO_MATCH;
}

function matchClass(
  pattern: string,
  start: number,
  char: string,
  nocase: boolean,
): number {
  const isNegated = pattern[start] === "^";
  let at = isNegated ? start + 1 : start;
  let isMember = false;
  while (at < pattern.length && pattern[at] !== "]") {
    if (pattern[at] === "\\" && at + 1 < pattern.length) {
      // An escaped member is compared exactly even without regard to case.
      isMember ||= pattern[at + 1] === char;
      at += 2;
    } else if (pattern[at + 1] === "-" && at + 2 < pattern.length) {
      isMember ||= isInRange(pattern[at], pattern[at + 2], char, nocase);
      at += 3;
    } else {
      isMember ||= folded(pattern[at], nocase) === folded(char, nocase);
      at += 1;
    }
  }
  if (isMember === isNegated) return NO_MATCH;
  return Math.min(at + 1, pattern.length);
}

function isInRange(
  from: string,
  to: string,
  char: string,
  nocase: boolean,
): boolean {
  // A reversed range is turned round before the case is folded, as in Redis.
  const [low, high] = order(from) <= order(to) ? [from, to] : [to, from];
  const tested = order(folded(char, nocase));
  return order(folded(low, nocase)) <= tested &&
    tested <= order(folded(high, nocase));
}

/** Redis compares bytes as C's signed chars, so that the upper ones are low. */
function order(char: string): number {
  const code = char.charCodeAt(0);
  return code < 0x80 || code > 0xff ? code : code - 0x100;
}

function folded(char: string, nocase: boolean): string {
  return nocase && char >= "A" && char <= "Z" ? char.toLowerCase() : char;
}
