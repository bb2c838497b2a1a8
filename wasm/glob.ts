// Glob patterns as KEYS, SCAN and subscriptions use them: `*`, `?`, `[a-c]`,
// `[^x]`, and `\` before a byte that is meant literally.
//
// One star is remembered at a time: when a later part fails, the last star
// takes one byte more. That keeps the work at pattern times text; no pattern
// can make it explode.

const STAR: u32 = 0x2a;
const QUESTION: u32 = 0x3f;
const OPEN: u32 = 0x5b;
const CLOSE: u32 = 0x5d;
const CARET: u32 = 0x5e;
const BACKSLASH: u32 = 0x5c;
const DASH: u32 = 0x2d;

// @ts-ignore: decorator
@inline
function fold(byte: u32, noCase: bool): u32 {
  return noCase && byte - 65 < 26 ? byte + 32 : byte;
}

/** Where the pattern goes on after the element that was just matched. */
let after: u32 = 0;

export function globMatch(
  pattern: u32,
  patternBytes: u32,
  text: u32,
  textBytes: u32,
  noCase: bool,
): bool {
  // As in Redis, an empty text has nothing that a star could take.
  if (!textBytes) return !patternBytes;
  const patternEnd = pattern + patternBytes;
  const textEnd = text + textBytes;
  let starPattern: u32 = 0;
  let starText: u32 = 0;
  let needed: u32 = ANY;
  while (true) {
    if (pattern < patternEnd && load<u8>(pattern) == STAR) {
      while (pattern < patternEnd && load<u8>(pattern) == STAR) pattern++;
      if (pattern == patternEnd) return true;
      needed = noCase ? ANY : neededAt(pattern);
      starPattern = pattern;
      starText = text;
      continue;
    }
    if (text == textEnd && pattern == patternEnd) return true;
    if (
      text < textEnd && pattern < patternEnd &&
      matchOne(pattern, patternEnd, load<u8>(text), noCase)
    ) {
      pattern = after;
      text++;
      continue;
    }
    if (!starPattern) return false;
    starText++;
    if (needed != ANY) {
      while (starText < textEnd && load<u8>(starText) != needed) starText++;
    }
    if (starText >= textEnd) return false;
    pattern = starPattern;
    text = starText;
  }
}

/** No byte. */
const ANY: u32 = 256;

/** The one byte that the element at `pattern` takes, or ANY. */
function neededAt(pattern: u32): u32 {
  const element = load<u8>(pattern);
  const isSpecial = element == QUESTION || element == OPEN ||
    element == BACKSLASH;
  return isSpecial ? ANY : element;
}

/** Whether one element of the pattern takes this byte; sets `after`. */
function matchOne(
  pattern: u32,
  end: u32,
  byte: u32,
  noCase: bool,
): bool {
  const element = load<u8>(pattern);
  if (element == OPEN) return matchClass(pattern + 1, end, byte, noCase);
  after = pattern + 1;
  if (element == QUESTION) return true;
  if (element == BACKSLASH && pattern + 1 < end) {
    after = pattern + 2;
    return fold(load<u8>(pattern + 1), noCase) == fold(byte, noCase);
  }
  return fold(element, noCase) == fold(byte, noCase);
}

/**
 * `[...]`, from behind the bracket; one that never closes ends the pattern.
 * Oddities of Redis that a client can see: an escaped byte is compared without
 * regard to `noCase`, and the ends of a range are compared as signed bytes and
 * put in order before they are folded.
 */
function matchClass(at: u32, end: u32, byte: u32, noCase: bool): bool {
  const not = at < end && load<u8>(at) == CARET;
  if (not) at++;
  let found = false;
  for (; at < end && load<u8>(at) != CLOSE; at++) {
    const first = load<u8>(at);
    if (first == BACKSLASH && at + 1 < end) {
      at++;
      if (load<u8>(at) == byte) found = true;
    } else if (at + 2 < end && load<u8>(at + 1) == DASH) {
      if (isInRange(byte, first, load<u8>(at + 2), noCase)) found = true;
      at += 2;
    } else if (fold(first, noCase) == fold(byte, noCase)) found = true;
  }
  after = at < end ? at + 1 : end;
  return found != not;
}

function isInRange(byte: u32, from: u32, to: u32, noCase: bool): bool {
  const low = i8(from) < i8(to) ? from : to;
  const high = low == from ? to : from;
  const tested = i8(fold(byte, noCase));
  return i8(fold(low, noCase)) <= tested && tested <= i8(fold(high, noCase));
}
