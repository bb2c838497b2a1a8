/**
 * Replies of RESP2 and RESP3 as a client reads them. This reader is slow and
 * obvious on purpose beside the server's own code, and shares nothing with it.
 * Text is binary-safe: one character stands for one byte.
 */
export type Reply =
  | { kind: "simple" | "error" | "bigNumber"; text: string }
  | { kind: "bulk" | "bulkError"; bytes: Uint8Array }
  | { kind: "verbatim"; format: string; bytes: Uint8Array }
  | { kind: "integer"; value: number | bigint }
  | { kind: "double"; value: number }
  | { kind: "boolean"; value: boolean }
  /** The prefix tells RESP3's null from the two that RESP2 has. */
  | { kind: "null"; prefix: "_" | "$" | "*" }
  | { kind: "array" | "set" | "push"; items: Reply[] }
  | { kind: "map"; entries: [Reply, Reply][] };

/** An error reply, thrown or standing in a list of plain values. */
export class ReplyError extends Error {
  override name = "ReplyError";
}

/** What a reply means when its exact type does not matter. */
export type Plain =
  | null
  | string
  | number
  | bigint
  | boolean
  | ReplyError
  | Plain[]
  | Set<Plain>
  | Map<Plain, Plain>;

export function plain(reply: Reply): Plain {
  switch (reply.kind) {
    case "simple":
      return reply.text;
    case "error":
      return new ReplyError(reply.text);
    case "bulkError":
      return new ReplyError(latin1(reply.bytes));
    case "bigNumber":
      return BigInt(reply.text);
    case "bulk":
    case "verbatim":
      return latin1(reply.bytes);
    case "null":
      return null;
    case "array":
    case "push":
      return reply.items.map(plain);
    case "set":
      return new Set(reply.items.map(plain));
    case "map":
      return new Map(reply.entries.map(([k, v]) => [plain(k), plain(v)]));
    default:
      return reply.value;
  }
}

export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}

const CR = 13;
const INITIAL_BYTES = 16384;

/** An aggregate whose elements have not all arrived. */
interface Open {
  prefix: string;
  missing: number;
  items: Reply[];
}

/** Takes bytes as they arrive and gives whole replies. */
export class ReplyReader {
  #buffer = new Uint8Array(INITIAL_BYTES);
  #start = 0;
  #end = 0;
  #open: Open[] = [];

  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) {
      const held = this.#buffer.subarray(this.#start, this.#end);
      const needed = held.length + bytes.length;
      const grown = needed * 2 > this.#buffer.length
        ? new Uint8Array(needed * 2)
        : this.#buffer;
      grown.set(held);
      this.#buffer = grown;
      this.#start = 0;
      this.#end = held.length;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The next whole reply, or undefined when more bytes must come first. */
  next(): Reply | undefined {
    while (true) {
      const element = this.#element();
      if (element === undefined) return undefined;
      const reply = this.#complete(element);
      if (reply) return reply;
    }
  }

  /** Reads a scalar, or the head of an aggregate. */
  #element(): Reply | Open | undefined {
    const lineEnd = this.#buffer.subarray(0, this.#end)
      .indexOf(CR, this.#start);
    if (lineEnd < 0 || lineEnd + 2 > this.#end) return undefined;
    const prefix = String.fromCharCode(this.#buffer[this.#start]);
    const line = latin1(this.#buffer.subarray(this.#start + 1, lineEnd));
    const next = lineEnd + 2;
    if ("$=!".includes(prefix) && line !== "-1") {
      const end = next + Number(line);
      if (end + 2 > this.#end) return undefined;
      this.#start = end + 2;
      return blob(prefix, this.#buffer.slice(next, end));
    }
    this.#start = next;
    return "*~>%|".includes(prefix) && line !== "-1"
      ? open(prefix, Number(line))
      : scalar(prefix, line);
  }

  /** Puts an element into its place; gives the reply that it finishes. */
  #complete(element: Reply | Open): Reply | undefined {
    let done = element;
    while (true) {
      if ("missing" in done) {
        if (done.missing > 0) {
          this.#open.push(done);
          return undefined;
        }
        // Attributes speak about the reply after them; nobody here asks.
        if (done.prefix === "|") return undefined;
        done = aggregate(done);
      }
      const outer = this.#open.at(-1);
      if (!outer) return done;
      outer.items.push(done);
      if (--outer.missing > 0) return undefined;
      this.#open.pop();
      done = outer;
    }
  }
}

function open(prefix: string, count: number): Open {
  const each = prefix === "%" || prefix === "|" ? 2 : 1;
  return { prefix, missing: count * each, items: [] };
}

function blob(prefix: string, bytes: Uint8Array): Reply {
  if (prefix === "$") return { kind: "bulk", bytes };
  if (prefix === "!") return { kind: "bulkError", bytes };
  const format = latin1(bytes.subarray(0, 3));
  return { kind: "verbatim", format, bytes: bytes.subarray(4) };
}

function scalar(prefix: string, line: string): Reply {
  switch (prefix) {
    case "+":
      return { kind: "simple", text: line };
    case "-":
      return { kind: "error", text: line };
    case ":":
      return { kind: "integer", value: integer(line) };
    case ",":
      return { kind: "double", value: double(line) };
    case "#":
      return { kind: "boolean", value: line === "t" };
    case "(":
      return { kind: "bigNumber", text: line };
    case "_":
    case "$":
    case "*":
      return { kind: "null", prefix };
    default:
      throw new Error(`no reply begins with ${JSON.stringify(prefix + line)}`);
  }
}

function aggregate({ prefix, items }: Open): Reply {
  if (prefix === "*") return { kind: "array", items };
  if (prefix === "~") return { kind: "set", items };
  if (prefix === ">") return { kind: "push", items };
  const entries: [Reply, Reply][] = [];
  for (let i = 0; i < items.length; i += 2) {
    entries.push([items[i], items[i + 1]]);
  }
  return { kind: "map", entries };
}

function integer(line: string): number | bigint {
  const value = Number(line);
  return Number.isSafeInteger(value) ? value : BigInt(line);
}

function double(line: string): number {
  if (line === "inf") return Infinity;
  if (line === "-inf") return -Infinity;
  return Number(line);
}
