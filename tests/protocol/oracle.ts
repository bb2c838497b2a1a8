/**
 * A second reader of the request protocol, slow and obvious: given everything
 * that a client sent, it tells what the server has to make of it. It stands
 * beside the real parser as its judge, so it shares no code with it.
 *
 * Text stands for bytes here, one character each.
 */

/** How the stream of requests ends. */
export type Ending =
  /** Every byte belonged to a whole request; the client may send more. */
  | { kind: "ready" }
  /** The last request is not whole yet. */
  | { kind: "waiting" }
  /** The server replies with this error text and closes. */
  | { kind: "error"; text: string }
  /** The server closes; replies not yet sent may be lost. */
  | { kind: "dropped" }
  /** Redis has no sensible answer here, so nothing is expected of a reply. */
  | { kind: "unspecified" };

export interface Requests {
  commands: string[][];
  ending: Ending;
}

type Parsed =
  | { kind: "request"; args: string[]; next: number }
  | Exclude<Ending, { kind: "ready" }>;

const longestBulk = 512 * 1024 * 1024;
const largestCount = 2147483647;

/** Reads all requests in what one client sent. */
export function readRequests(sent: string): Requests {
  const commands: string[][] = [];
  let at = 0;
  while (at < sent.length) {
    const parsed = sent[at] === "*"
      ? readMultibulk(sent, at)
      : readInline(sent, at);
    if (parsed.kind !== "request") return { commands, ending: parsed };
    at = parsed.next;
    if (parsed.args.length === 0) continue;
    const name = parsed.args[0].toLowerCase();
    // A browser that was tricked into talking to the server is cut off.
    if (name === "post" || name === "host:") {
      return { commands, ending: { kind: "dropped" } };
    }
    commands.push(parsed.args);
  }
  return { commands, ending: { kind: "ready" } };
}

function readMultibulk(sent: string, start: number): Parsed {
  const header = readLine(sent, start);
  if (header.kind !== "line") return header;
  const count = readInteger(header.text.slice(1));
  if (count === null || count > BigInt(largestCount)) {
    return protocolError("invalid multibulk length");
  }
  const args: string[] = [];
  let at = header.next;
  for (let argument = 0n; argument < count; argument++) {
    const line = readLine(sent, at);
    if (line.kind !== "line") return line;
    if (line.text[0] !== "$") {
      // The wrong character is the carriage return itself in an empty line.
      // Line ends cannot stand inside an error, so they turn into spaces.
      const got = (line.text[0] ?? "\r").replace(/[\r\n]/, " ");
      return protocolError(`expected '$', got '${got}'`);
    }
    const length = readInteger(line.text.slice(1));
    if (length === null || length < 0n || length > BigInt(longestBulk)) {
      return protocolError("invalid bulk length");
    }
    const end = line.next + Number(length);
    // Redis skips two bytes after the value without looking at them.
    if (end + 2 > sent.length) return { kind: "waiting" };
    args.push(sent.slice(line.next, end));
    at = end + 2;
  }
  return { kind: "request", args, next: at };
}

type Line =
  | { kind: "line"; text: string; next: number }
  | { kind: "waiting" }
  | { kind: "unspecified" };

/** The header at `start`: up to a carriage return, and one byte after it. */
function readLine(sent: string, start: number): Line {
  const end = sent.indexOf("\r", start);
  const text = sent.slice(start, end < 0 ? sent.length : end);
  // Redis searches headers with C string functions, which a NUL byte stops.
  if (text.includes("\0")) return { kind: "unspecified" };
  if (end < 0 || end + 2 > sent.length) return { kind: "waiting" };
  return { kind: "line", text, next: end + 2 };
}

function readInline(sent: string, start: number): Parsed {
  const end = sent.indexOf("\n", start);
  const line = sent.slice(start, end < 0 ? sent.length : end);
  if (line.includes("\0")) return { kind: "unspecified" };
  if (end < 0) return { kind: "waiting" };
  const args = splitInline(line.endsWith("\r") ? line.slice(0, -1) : line);
  if (args === null) return protocolError("unbalanced quotes in request");
  return { kind: "request", args, next: end + 1 };
}

function protocolError(reason: string): Ending & { kind: "error" } {
  return { kind: "error", text: `ERR Protocol error: ${reason}` };
}

/** A decimal integer of 64 bits in its only spelling, or null. */
function readInteger(text: string): bigint | null {
  if (!/^(0|-?[1-9][0-9]{0,19})$/.test(text)) return null;
  const value = BigInt(text);
  return value === BigInt.asIntN(64, value) ? value : null;
}

const isSpace = (char: string) => /^[ \t\n\v\f\r]$/.test(char);

/** Splits an inline request into its arguments; null if quotes do not close. */
export function splitInline(line: string): string[] | null {
  const args: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isSpace(line[at])) at++;
    if (at >= line.length) return args;
    let word = "";
    while (at < line.length && !/^[ \t\n\r]$/.test(line[at])) {
      const quote = line[at];
      if (quote !== '"' && quote !== "'") {
        word += line[at++];
        continue;
      }
      const quoted = quote === '"'
        ? readDoubleQuoted(line, at + 1)
        : readSingleQuoted(line, at + 1);
      if (quoted === null) return null;
      word += quoted.text;
      at = quoted.next;
      // A quote that closes ends its word, so blank space must follow it.
      if (at < line.length && !isSpace(line[at])) return null;
      break;
    }
    args.push(word);
  }
}

type Quoted = { text: string; next: number } | null;

const escapes: Record<string, string> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  a: "\x07",
};

function readDoubleQuoted(line: string, start: number): Quoted {
  let text = "";
  for (let at = start; at < line.length; at++) {
    if (line[at] === '"') return { text, next: at + 1 };
    if (line[at] !== "\\" || at + 1 === line.length) {
      text += line[at];
      continue;
    }
    const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(at + 1, at + 4));
    if (hex) {
      text += String.fromCharCode(parseInt(hex[1], 16));
      at += 3;
    } else {
      text += escapes[line[at + 1]] ?? line[at + 1];
      at += 1;
    }
  }
  return null;
}

function readSingleQuoted(line: string, start: number): Quoted {
  let text = "";
  for (let at = start; at < line.length; at++) {
    if (line[at] === "'") return { text, next: at + 1 };
    if (line[at] === "\\" && line[at + 1] === "'") at++;
    text += line[at];
  }
  return null;
}
