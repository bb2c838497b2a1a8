import { dirname, join } from "node:path";
import { bytesFromText } from "../../protocol/text.ts";
import { systemReason } from "../files.ts";
import { checkRdbFile } from "../check_rdb.ts";
import { manifestProblem } from "./directory.ts";
import { LogScanner } from "./log_scanner.ts";
import { Manifest, ManifestError } from "./manifest.ts";

export interface CheckHost {
  /** Prints text as it is, without a line end of its own. */
  print(text: string): void;
  /** What the user answers, the first line of it. */
  answer(): string;
}

const USAGE =
  "Usage: main.ts check-aof [--fix|--truncate-to-timestamp $timestamp] " +
  "<file.manifest|file.aof>";

/** How a file was found, or left. */
type Verdict = "valid" | "empty" | "truncated" | "cut to time";

/** The check ends with exit code 1; what is wrong has been printed. */
class Rejected extends Error {}

/**
 * `check-aof`: proves the files of an append-only file, and mends the last of
 * them if asked to. Prints what redis-check-aof prints, and a summary; returns
 * the exit code.
 */
export function checkAof(args: readonly string[], host: CheckHost): number {
  const order = orderFrom(args);
  if (typeof order === "string") {
    host.print(order + "\n");
    return 1;
  }
  try {
    new Check(order, host).run();
    return 0;
  } catch (error) {
    if (error instanceof Rejected) return 1;
    throw error;
  }
}

interface Order {
  readonly path: string;
  readonly fixes: boolean;
  /** What was logged later than this second goes; null for nothing. */
  readonly untilSecond: number | null;
}

function orderFrom(args: readonly string[]): Order | string {
  const [option, value] = args;
  if (args.length === 1) {
    return { path: option, fixes: false, untilSecond: null };
  }
  if (args.length === 2 && option === "--fix") {
    return { path: value, fixes: true, untilSecond: null };
  }
  if (args.length !== 3 || option !== "--truncate-to-timestamp") return USAGE;
  if (!/^[+-]?\d{1,18}$/.test(value)) return "Invalid timestamp, aborting...";
  return { path: args[2], fixes: false, untilSecond: Number(value) || null };
}

class Check {
  readonly #order: Order;
  readonly #host: CheckHost;
  #lineNumber = 1;
  #fileCount = 0;
  #byteCount = 0;
  #commandCount = 0;
  #transactionCount = 0;

  constructor(order: Order, host: CheckHost) {
    this.#order = order;
    this.#host = host;
  }

  run(): void {
    const { path } = this.#order;
    const head = this.#head(path);
    if (looksLikeManifest(head)) this.#checkParts();
    else {
      this.#print("Start checking Old-Style AOF\n");
      const verdict = this.#checkFile(path, path, true, isRdb(head));
      this.#printVerdict(verdict, path, "AOF");
    }
    this.#print(
      `Summary: ${this.#fileCount} files, ${this.#byteCount} bytes, ` +
        `${this.#commandCount} commands, ` +
        `${this.#transactionCount} transactions\n`,
    );
  }

  #checkParts(): void {
    const { path } = this.#order;
    this.#print("Start checking Multi Part AOF\n");
    const { base, increments, files } = this.#readManifest(path);
    const pathOf = (name: string) => join(dirname(path), name);
    const isLast = (file: unknown) => file === files.at(-1);
    if (base !== null) {
      const hasRdb = isRdb(this.#head(pathOf(base.name)));
      this.#print(
        `Start to check BASE AOF (${hasRdb ? "RDB" : "RESP"} format).\n`,
      );
      const verdict = this.#checkFile(
        base.name,
        pathOf(base.name),
        isLast(base),
        hasRdb,
      );
      this.#printVerdict(verdict, base.name, "BASE AOF");
    }
    if (increments.length > 0) {
      this.#print("Start to check INCR files.\n");
      for (const file of increments) {
        const { name } = file;
        const verdict = this.#checkFile(
          name,
          pathOf(name),
          isLast(file),
          false,
        );
        this.#printVerdict(verdict, name, "INCR AOF");
      }
    }
    this.#print("All AOF files and manifest are valid\n");
  }

  #readManifest(path: string): Manifest {
    try {
      return Manifest.parse(Deno.readFileSync(path));
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      return this.#reject(manifestProblem(error).join("\n"));
    }
  }

  #checkFile(
    name: string,
    path: string,
    isLast: boolean,
    hasRdb: boolean,
  ): Verdict {
    let opened: Deno.FsFile;
    try {
      opened = Deno.openSync(path, { read: true, write: true });
    } catch (error) {
      this.#reject(
        `Cannot open file ${path}: ${systemReason(error)}, aborting...`,
      );
    }
    using file = opened;
    const { size } = file.statSync();
    this.#fileCount++;
    this.#byteCount += size;
    if (size === 0) return "empty";
    const start = hasRdb ? this.#checkRdb(path) : 0;
    const scanner = new LogScanner(file, path, start, this.#lineNumber);
    const goodBytes = this.#scan(scanner, name, path, file, isLast);
    this.#commandCount += scanner.commandCount;
    this.#transactionCount += scanner.transactionCount;
    this.#lineNumber = scanner.lineNumber;
    if (goodBytes === null) return "cut to time";
    return this.#judge(name, file, size, goodBytes, isLast);
  }

  #checkRdb(path: string): number {
    const end = checkRdbFile(path, (text) => this.#print(text));
    if (end === null) {
      this.#reject("RDB preamble of AOF file is not sane, aborting.");
    }
    this.#print("RDB preamble is OK, proceeding with AOF tail...\n");
    return end;
  }

  /** Returns how much of it is good, null when the file has been cut. */
  #scan(
    scanner: LogScanner,
    name: string,
    path: string,
    file: Deno.FsFile,
    isLast: boolean,
  ): number | null {
    let goodBytes = scanner.position;
    let isBroken = false;
    while (!isBroken) {
      if (!scanner.isInTransaction) goodBytes = scanner.position;
      const next = scanner.peek();
      if (next < 0) break;
      if (next === 0x23) {
        if (this.#passesTime(scanner, path, file, isLast)) return null;
      } else if (next === 0x2a) isBroken = !scanner.command();
      else {
        this.#print(`AOF ${name} format error\n`);
        isBroken = true;
      }
    }
    const isAtEnd = scanner.peek() < 0;
    if (isAtEnd && scanner.isInTransaction && scanner.error === "") {
      scanner.fail("Reached EOF before reading EXEC for MULTI");
    }
    if (scanner.error !== "") this.#print(scanner.error + "\n");
    return goodBytes;
  }

  /** Reads an annotation; cuts the file when it is of a later time. */
  #passesTime(
    scanner: LogScanner,
    path: string,
    file: Deno.FsFile,
    isLast: boolean,
  ): boolean {
    const start = scanner.position;
    const line = scanner.annotation();
    const { untilSecond } = this.#order;
    if (untilSecond === null || !line.startsWith("#TS:")) return false;
    const second = /^#TS:\s*([+-]?\d+)\r/.exec(line)?.[1];
    if (second === undefined) this.#reject("Invalid timestamp annotation");
    if (Number(second) <= untilSecond) return false;
    if (start === 0) {
      this.#reject(
        `AOF ${path} has nothing before timestamp ${untilSecond}, aborting...`,
      );
    }
    if (!isLast) {
      this.#reject(
        `Failed to truncate AOF ${path} to timestamp ${untilSecond} to ` +
          `offset ${start} because it is not the last file.\n` +
          "If you insist, please delete all files after this file according " +
          "to the manifest file and delete the corresponding records in " +
          "manifest file manually. Then re-run redis-check-aof.",
      );
    }
    this.#truncate(
      file,
      start,
      `Failed to truncate AOF ${path} to timestamp ${untilSecond}`,
    );
    return true;
  }

  #judge(
    name: string,
    file: Deno.FsFile,
    size: number,
    goodBytes: number,
    isLast: boolean,
  ): Verdict {
    const badBytes = size - goodBytes;
    const { untilSecond, fixes } = this.#order;
    if (badBytes === 0 && untilSecond !== null) {
      this.#print(
        `Truncate nothing in AOF ${name} to timestamp ${untilSecond}\n`,
      );
      return "valid";
    }
    this.#print(
      `AOF analyzed: filename=${name}, size=${size}, ok_up_to=${goodBytes}, ` +
        `ok_up_to_line=${this.#lineNumber}, diff=${badBytes}\n`,
    );
    if (badBytes === 0) return "valid";
    if (!fixes) {
      this.#reject(
        `AOF ${name} is not valid. Use the --fix option to try fixing it.`,
      );
    }
    if (!isLast) {
      this.#reject(
        `Failed to truncate AOF ${name} because it is not the last file`,
      );
    }
    this.#print(
      `This will shrink the AOF ${name} from ${size} bytes, with ` +
        `${badBytes} bytes, to ${goodBytes} bytes\nContinue? [y/N]: `,
    );
    if (!/^y/i.test(this.#host.answer())) this.#reject("Aborting...");
    this.#truncate(file, goodBytes, `Failed to truncate AOF ${name}`);
    return "truncated";
  }

  #truncate(file: Deno.FsFile, byteCount: number, complaint: string): void {
    try {
      file.truncateSync(byteCount);
      file.syncSync();
    } catch {
      this.#reject(complaint);
    }
  }

  #printVerdict(verdict: Verdict, name: string, kind: string): void {
    this.#print(
      {
        "valid": `${kind} ${name} is valid\n`,
        "empty": `${kind} ${name} is empty\n`,
        "truncated": `Successfully truncated AOF ${name}\n`,
        "cut to time": `Successfully truncated AOF ${name} to timestamp ` +
          `${this.#order.untilSecond}\n`,
      }[verdict],
    );
  }

  #head(path: string): Uint8Array {
    try {
      using file = Deno.openSync(path);
      const head = new Uint8Array(2 ** 16);
      return head.subarray(0, file.readSync(head) ?? 0);
    } catch (error) {
      return this.#reject(`Cannot open file ${path}: ${systemReason(error)}`);
    }
  }

  #print(text: string): void {
    this.#host.print(text);
  }

  #reject(text: string): never {
    this.#print(text + "\n");
    throw new Rejected();
  }
}

function isRdb(head: Uint8Array): boolean {
  return head.length >= 8 && startsWith(head, "REDIS");
}

/** A line says "file" before any says that this is a log or an RDB file. */
function looksLikeManifest(head: Uint8Array): boolean {
  for (let at = 0; at < head.length;) {
    const line = head.subarray(at);
    if (startsWith(line, "file")) return true;
    if (startsWith(line, "*") || startsWith(line, "REDIS")) return false;
    const end = line.indexOf(0x0a);
    if (end < 0) return false;
    at += end + 1;
  }
  return false;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytesFromText(text).every((byte, i) => bytes[i] === byte);
}
