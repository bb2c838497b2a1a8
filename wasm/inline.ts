// Inline commands: words on a line, as a person types them.
//
// Words are parted by blanks. "..." knows the escapes \n \r \t \b \a \xHH and \
// before any other byte; '...' knows only \'. A closing quote ends its word and
// must be followed by a blank or the end of the line. No word is longer than
// its spelling, so the results are written over the line from its start.

import { addArgument } from "./arguments";
import { OUT_OF_MEMORY, UNBALANCED_QUOTES } from "./codes";

const DOUBLE_QUOTE: u32 = 0x22;
const SINGLE_QUOTE: u32 = 0x27;
const BACKSLASH: u32 = 0x5c;
const NO_DIGIT: u32 = 16;

// Where the next byte of the line is read, and that of a word written.
let source: u32 = 0;
let target: u32 = 0;

/**
 * Splits the line into arguments, which lie in the line's own bytes.
 * Returns 1, UNBALANCED_QUOTES or OUT_OF_MEMORY.
 */
export function splitInline(line: u32, lineEnd: u32): i32 {
  source = line;
  target = line;
  while (skipBlanks(lineEnd)) {
    const word = target;
    if (!readWord(lineEnd)) return UNBALANCED_QUOTES;
    if (!addArgument(word, target - word)) return OUT_OF_MEMORY;
  }
  return 1;
}

/** False when nothing but blanks was left. */
function skipBlanks(lineEnd: u32): bool {
  while (source != lineEnd && isBlank(load<u8>(source))) source++;
  return source != lineEnd;
}

/** One word, which may be quoted from some byte on; false when unbalanced. */
function readWord(lineEnd: u32): bool {
  while (source != lineEnd) {
    const byte: u32 = load<u8>(source++);
    if (byte == DOUBLE_QUOTE || byte == SINGLE_QUOTE) {
      return readQuoted(byte, lineEnd);
    }
    if (endsPlainWord(byte)) return true;
    store<u8>(target++, byte);
  }
  return true;
}

/** What follows an opening quote, up to the closing one. */
function readQuoted(quote: u32, lineEnd: u32): bool {
  while (source != lineEnd) {
    let byte: u32 = load<u8>(source++);
    if (byte == quote) {
      return source == lineEnd || isBlank(load<u8>(source));
    }
    if (byte == BACKSLASH && source != lineEnd) {
      if (quote == DOUBLE_QUOTE) byte = readEscape(lineEnd);
      else if (load<u8>(source) == SINGLE_QUOTE) byte = load<u8>(source++);
    }
    store<u8>(target++, byte);
  }
  return false;
}

/** The byte that an escape stands for; its backslash has been read. */
function readEscape(lineEnd: u32): u32 {
  const byte: u32 = load<u8>(source++);
  switch (byte) {
    case 0x78: { // x
      if (lineEnd - source < 2) return byte;
      const high = hexDigit(load<u8>(source));
      const low = hexDigit(load<u8>(source, 1));
      if (high == NO_DIGIT || low == NO_DIGIT) return byte;
      source += 2;
      return (high << 4) | low;
    }
    case 0x6e: // n
      return 0x0a;
    case 0x72: // r
      return 0x0d;
    case 0x74: // t
      return 0x09;
    case 0x62: // b
      return 0x08;
    case 0x61: // a
      return 0x07;
    default:
      return byte;
  }
}

function hexDigit(byte: u32): u32 {
  const digit = byte - 0x30;
  if (digit <= 9) return digit;
  const letter = (byte | 0x20) - 0x61;
  return letter <= 5 ? letter + 10 : NO_DIGIT;
}

/** Space, tab, line feed, vertical tab, form feed, carriage return. */
// @ts-ignore: decorator
@inline
function isBlank(byte: u32): bool {
  return byte == 0x20 || byte - 0x09 < 5;
}

/** The same without vertical tab and form feed: they may stand in a word. */
// @ts-ignore: decorator
@inline
function endsPlainWord(byte: u32): bool {
  return isBlank(byte) && byte - 0x0b > 1;
}
