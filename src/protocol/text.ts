/**
 * The strings of the configuration and of the append-only file's manifest, and
 * the quoting that both use.
 *
 * Such a string is ordinary JavaScript text, so that a path can go to
 * Deno and a name can be printed. Clients and escapes can also name bytes that
 * are not UTF-8 (a password is any bytes): such a byte 0x80..0xFF becomes the
 * lone surrogate U+DC80..U+DCFF, and turns back into the same byte on its way
 * out. Nothing is lost in either direction.
 */

const LONE_BYTE = /[\udc80-\udcff]/u;
const LONE_BYTE_OFFSET = 0xdc00;

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", {
  fatal: true,
  ignoreBOM: true,
});

/** The configuration string that stands for these bytes. */
export function textFromBytes(bytes: Uint8Array): string {
  const whole = decodedOrUndefined(bytes);
  if (whole !== undefined) return whole;
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const charBytes = charLengthOf(bytes[at]);
    const char = decodedOrUndefined(bytes.subarray(at, at + charBytes));
    if (char !== undefined && char !== "") {
      text += char;
      at += charBytes;
    } else {
      text += textOfByte(bytes[at]);
      at += 1;
    }
  }
  return text;
}

/** The bytes that a configuration string stands for. */
export function bytesFromText(text: string): Uint8Array {
  if (!LONE_BYTE.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const char of text) {
    if (LONE_BYTE.test(char)) {
      bytes.push(char.charCodeAt(0) - LONE_BYTE_OFFSET);
    } else {
      for (const byte of encoder.encode(char)) bytes.push(byte);
    }
  }
  return Uint8Array.from(bytes);
}

/** The bytes of a string that has a char for each. */
export function bytesOfLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The other way round: a char for each byte. */
export function latin1Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += LATIN1_STEP) {
    const part = bytes.subarray(at, at + LATIN1_STEP);
    // Spreading the bytes would take ten times as long.
    text += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return text;
}

/** A call takes no more arguments than some ten thousands. */
const LATIN1_STEP = 4096;

/** Lower case for A-Z only: directive names must not depend on Unicode. */
export function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * The words of one configuration line, or undefined where a quote is not
 * closed or a closing quote is not followed by blank or end.
 */
export function splitArguments(line: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line[at])) at += 1;
    if (at >= line.length) return words;
    const word = readWord(line, at);
    if (word === undefined) return undefined;
    words.push(word.text);
    at = word.end;
  }
}

/** The string in double quotes, so that splitArguments gives it back. */
export function quoted(text: string): string {
  return quotedBytes(bytesFromText(text));
}

/** The same for bytes. */
export function quotedBytes(bytes: Uint8Array): string {
  let result = '"';
  for (const byte of bytes) result += quotedByte(byte);
  return result + '"';
}

interface Piece {
  readonly text: string;
  /** The index of the first character after the piece. */
  readonly end: number;
}

/** One word: bare characters up to a blank, or up to the end of a quote. */
function readWord(line: string, start: number): Piece | undefined {
  let bare = "";
  for (let at = start; at < line.length; at += 1) {
    const char = line[at];
    if (" \n\r\t\0".includes(char)) return { text: bare, end: at + 1 };
    if (char === '"' || char === "'") {
      const quote = char === '"'
        ? readDoubleQuoted(line, at + 1)
        : readSingleQuoted(line, at + 1);
      if (quote === undefined) return undefined;
      const isFollowedByBlank = quote.end >= line.length ||
        isBlank(line[quote.end]);
      if (!isFollowedByBlank) return undefined;
      return { text: bare + quote.text, end: quote.end };
    }
    bare += char;
  }
  return { text: bare, end: line.length };
}

const ESCAPES = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["b", "\b"],
  ["a", "\x07"],
]);

function readDoubleQuoted(line: string, start: number): Piece | undefined {
  let text = "";
  let hasLoneBytes = false;
  for (let at = start; at < line.length; at += 1) {
    if (line[at] === '"') {
      // Escaped bytes may together be UTF-8: "\xc3\xa9" is the same as "é".
      if (hasLoneBytes) text = textFromBytes(bytesFromText(text));
      return { text, end: at + 1 };
    }
    if (line[at] !== "\\" || at + 1 >= line.length) {
      text += line[at];
      continue;
    }
    const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(at + 1, at + 4));
    if (hex !== null) {
      const byte = parseInt(hex[1], 16);
      text += textOfByte(byte);
      hasLoneBytes ||= byte >= 0x80;
      at += 3;
    } else {
      at += 1;
      text += ESCAPES.get(line[at]) ?? line[at];
    }
  }
  return undefined;
}

function readSingleQuoted(line: string, start: number): Piece | undefined {
  let text = "";
  for (let at = start; at < line.length; at += 1) {
    if (line[at] === "'") return { text, end: at + 1 };
    if (line[at] === "\\" && line[at + 1] === "'") at += 1;
    text += line[at];
  }
  return undefined;
}

const QUOTED_BYTES = new Map([
  [0x5c, "\\\\"],
  [0x22, '\\"'],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
  [0x07, "\\a"],
  [0x08, "\\b"],
]);

function quotedByte(byte: number): string {
  const escape = QUOTED_BYTES.get(byte);
  if (escape !== undefined) return escape;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return "\\x" + byte.toString(16).padStart(2, "0");
}

function textOfByte(byte: number): string {
  return String.fromCharCode(byte < 0x80 ? byte : LONE_BYTE_OFFSET + byte);
}

/** How many bytes a UTF-8 character has that begins with this byte. */
function charLengthOf(leadByte: number): number {
  if (leadByte < 0x80) return 1;
  if (leadByte < 0xe0) return 2;
  return leadByte < 0xf0 ? 3 : 4;
}

function decodedOrUndefined(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function isBlank(char: string): boolean {
  return " \t\n\v\f\r".includes(char);
}
