/**
 * Reads a log line by line and string by string as redis-check-aof does, which
 * is stricter than loading in some things and laxer in others, and says in its
 * words what is wrong and where. It holds no more than a window of the file,
 * however long a string is.
 */

const WINDOW_BYTES = 2 ** 16;
/** Longer lines are cut, as a C program's buffer cuts them. */
const NUMBER_LINE_BYTES = 127;
const ANNOTATION_BYTES = 1023;
const LONG_MAX = 2n ** 63n - 1n;
const STAR = 0x2a, DOLLAR = 0x24, CR = 0x0d, LF = 0x0a;

export class LogScanner {
  /** What is wrong, with its place; empty when nothing is. */
  error = "";
  /** Counted in line ends that were where they belong; the first line is 1. */
  lineNumber: number;
  commandCount = 0;
  transactionCount = 0;
  isInTransaction = false;
  readonly #file: Deno.FsFile;
  readonly #path: string;
  #window = new Uint8Array(0);
  /** Where the window begins in the file, and how far in it we are. */
  #windowStart: number;
  #at = 0;
  #itemStart = 0;

  /** `path` is what messages call the file. */
  constructor(
    file: Deno.FsFile,
    path: string,
    start: number,
    lineNumber: number,
  ) {
    this.#file = file;
    this.#path = path;
    this.#windowStart = start;
    this.lineNumber = lineNumber;
    file.seekSync(start, Deno.SeekMode.Start);
  }

  get position(): number {
    return this.#windowStart + this.#at;
  }

  /** The next byte, without taking it; -1 at the end. */
  peek(): number {
    if (this.#at === this.#window.length && !this.#refill()) return -1;
    return this.#window[this.#at];
  }

  /** A line that begins with `#`, without what is too long. */
  annotation(): string {
    return latin1(this.#line(ANNOTATION_BYTES));
  }

  /** Reads a command; false when it is not one. */
  command(): boolean {
    const argCount = this.#number(STAR);
    if (argCount === null) return false;
    for (let i = 0n; i < argCount; i++) {
      const name = this.#string(i === 0n);
      if (name === null) return false;
      if (i === 0n && !this.#follow(name)) return false;
    }
    this.commandCount++;
    return true;
  }

  fail(text: string): false {
    const place = this.#itemStart.toString(16).padStart(16);
    this.error = `0x${place}: ${text}`;
    return false;
  }

  /** Minds where transactions begin and end. */
  #follow(name: string): boolean {
    if (name === "multi") {
      if (this.isInTransaction) {
        return this.fail(`Unexpected MULTI in AOF ${this.#path}`);
      }
      this.isInTransaction = true;
    } else if (name === "exec") {
      if (!this.isInTransaction) {
        this.isInTransaction = true;
        return this.fail(`Unexpected EXEC in AOF ${this.#path}`);
      }
      this.isInTransaction = false;
      this.transactionCount++;
    }
    return true;
  }

  /** The number of a line that begins with the prefix; null when there is none. */
  #number(prefix: number): bigint | null {
    this.#itemStart = this.position;
    const line = this.#line(NUMBER_LINE_BYTES);
    if (line.length === 0) return null;
    if (line[0] !== prefix) {
      const [wanted, got] = [prefix, line[0]].map((byte) =>
        String.fromCharCode(byte)
      );
      this.fail(`Expected prefix '${wanted}', got: '${got}'`);
      return null;
    }
    const match = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(latin1(line.subarray(1)));
    const end = match === null ? 1 : 1 + match[0].length;
    const isEnded = this.#lineEnd(line[end] ?? 0, line[end + 1] ?? 0);
    return isEnded ? clamp(BigInt(match?.[1] ?? 0)) : null;
  }

  /** Takes a string; returns it in lower case if it is asked for and short. */
  #string(isWanted: boolean): string | null {
    const byteCount = this.#number(DOLLAR);
    if (byteCount === null) return null;
    if (byteCount < 0n || byteCount > LONG_MAX - 2n) {
      this.fail(
        `Expected to read string of ${byteCount} bytes, which is not in the ` +
          "suitable range",
      );
      return null;
    }
    this.#itemStart = this.position;
    const short = isWanted && byteCount < 16n
      ? latin1(this.#peekBytes(Number(byteCount))).toLowerCase()
      : "";
    const wanted = byteCount + 2n;
    const left = this.#skip(wanted - 2n);
    const first = left === 0n ? this.#byte() : -1;
    const second = first < 0 ? -1 : this.#byte();
    if (second < 0) {
      const got = byteCount - left + (first < 0 ? 0n : 1n);
      this.fail(`Expected to read ${wanted} bytes, got ${got} bytes`);
      return null;
    }
    return this.#lineEnd(first, second) ? short : null;
  }

  #lineEnd(first: number, second: number): boolean {
    if (first === CR && second === LF) {
      this.lineNumber++;
      return true;
    }
    const hex = hexOfChar(first) + hexOfChar(second);
    return this.fail(`Expected \\r\\n, got: ${hex}`);
  }

  /** Up to and with the line's end, at most so many bytes. */
  #line(maxBytes: number): Uint8Array {
    const bytes = this.#peekBytes(maxBytes);
    const end = bytes.indexOf(LF);
    const line = end < 0 ? bytes : bytes.subarray(0, end + 1);
    this.#at += line.length;
    return line;
  }

  #byte(): number {
    const byte = this.peek();
    if (byte >= 0) this.#at++;
    return byte;
  }

  /** What comes, at most so many bytes; much less than a window. */
  #peekBytes(byteCount: number): Uint8Array {
    while (this.#window.length - this.#at < byteCount && this.#refill());
    return this.#window.subarray(this.#at, this.#at + byteCount);
  }

  /** Returns how many bytes of these the file does not have. */
  #skip(byteCount: bigint): bigint {
    let left = byteCount;
    while (left > 0n) {
      if (this.peek() < 0) return left;
      const available = BigInt(this.#window.length - this.#at);
      const step = left < available ? left : available;
      this.#at += Number(step);
      left -= step;
    }
    return 0n;
  }

  /** Reads more behind what has not been taken; false at the end. */
  #refill(): boolean {
    const rest = this.#window.subarray(this.#at);
    const window = new Uint8Array(rest.length + WINDOW_BYTES);
    window.set(rest);
    const byteCount = this.#file.readSync(window.subarray(rest.length));
    this.#windowStart += this.#at;
    this.#at = 0;
    this.#window = window.subarray(0, rest.length + (byteCount ?? 0));
    return byteCount !== null;
  }
}

/** As strtol reads what is too large for it. */
function clamp(number: bigint): bigint {
  if (number > LONG_MAX) return LONG_MAX;
  return number < -LONG_MAX - 1n ? -LONG_MAX - 1n : number;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Two digits; a char above 127 is negative in C and prints as eight. */
function hexOfChar(byte: number): string {
  return ((byte << 24 >> 24) >>> 0).toString(16).padStart(2, "0");
}
