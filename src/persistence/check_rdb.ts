import { Engine } from "../engine/engine.ts";
import * as codes from "../engine/rdb_codes.ts";
import { RdbError, RdbLoader } from "./rdb_loader.ts";

/** Prints text as it is, without a line end of its own. */
export type Print = (text: string) => void;

const USAGE = "Usage: main.ts check-rdb <rdb-file-name>\n";
const PIECE_BYTES = 1 << 18;

/**
 * `check-rdb`: reads a file as loading does, with every value checked in depth
 * and dropped, prints what redis-check-rdb prints, and a summary by type.
 * Returns the exit code.
 */
export function checkRdb(args: readonly string[], print: Print): number {
  if (args.length !== 1) {
    print(USAGE);
    return 1;
  }
  return checkRdbFile(args[0], print) === null ? 1 : 0;
}

/**
 * The same for a file that may go on with something else behind the RDB: where
 * that begins, or null when the RDB is not sane.
 */
export function checkRdbFile(path: string, print: Print): number | null {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (error) {
    print(`Cannot open file ${path}: ${(error as Error).message}\n`);
    return null;
  }
  using _ = file;
  return new RdbCheck(path, file, print).run();
}

class RdbCheck {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #print: Print;
  readonly #loader: RdbLoader;

  constructor(path: string, file: Deno.FsFile, print: Print) {
    this.#path = path;
    this.#file = file;
    this.#print = print;
    const engine = new Engine();
    engine.calls.setClock(Date.now());
    this.#loader = new RdbLoader(engine, null, {
      byteCount: file.statSync().size,
      events: {
        aux: (name, value) => this.#note(`AUX FIELD ${name} = '${value}'`),
        select: (index) => this.#note(`Selecting DB ID ${index}`),
        moduleData: (name) => this.#note(`MODULE AUX for: ${name}`),
        emptyKey: (key) => this.#note(`Empty key '${key}'`),
      },
    });
  }

  run(): number | null {
    this.#note(`Checking RDB file ${this.#path}`, 0);
    try {
      this.#read();
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      this.#report(error);
      return null;
    }
    this.#noteChecksum();
    this.#note("\\o/ RDB looks OK! \\o/");
    this.#count();
    for (const { type, keys, elements, bytes } of this.#loader.tallies) {
      this.#print(
        `[type] ${type}: ${keys} keys, ${elements} elements, ${bytes} bytes\n`,
      );
    }
    return this.#loader.offset;
  }

  #read(): void {
    const piece = new Uint8Array(PIECE_BYTES);
    const loader = this.#loader;
    while (true) {
      const byteCount = this.#file.readSync(piece);
      if (byteCount === null) loader.end();
      else loader.feed(piece.subarray(0, byteCount));
      let progress = loader.step();
      while (progress === "again") progress = loader.step();
      if (progress === "done") return;
    }
  }

  #noteChecksum(): void {
    const { checksum } = this.#loader;
    if (checksum === "good") this.#note("Checksum OK");
    if (checksum !== "zero") return;
    this.#note(
      "RDB file was saved with checksum disabled: no check performed.",
    );
  }

  #report(error: RdbError): void {
    this.#print("--- RDB ERROR DETECTED ---\n");
    this.#note(error.expected, error.offset);
    this.#print(`[additional info] While doing: ${doing(error)}\n`);
    if (error.key !== null) {
      this.#print(`[additional info] Reading key '${error.key}'\n`);
      this.#print(
        `[additional info] Reading type ${error.typeNumber} (${error.type})\n`,
      );
    }
    // A key counts as soon as its name has been read.
    this.#count(error.key === null ? 0 : 1);
  }

  #count(unfinished = 0): void {
    const { keys, dueKeys, expiredKeys } = this.#loader;
    this.#print(`[info] ${keys + unfinished} keys read\n`);
    this.#print(`[info] ${dueKeys} expires\n`);
    this.#print(`[info] ${expiredKeys} already expired\n`);
  }

  #note(text: string, offset = this.#loader.offset): void {
    this.#print(`[offset ${offset}] ${text}\n`);
  }
}

/** What was being read, under the names of redis-check-rdb. */
function doing({ fault, key }: RdbError): string {
  if (key !== null) return "read-object-value";
  if (fault === codes.FAULT_CHECKSUM) return "check-sum";
  if (fault === codes.FAULT_MODULE_DATA) return "read-module-aux";
  if (fault === codes.FAULT_PRE_RELEASE) return "read-functions";
  const isHead = fault === codes.FAULT_SIGNATURE ||
    fault === codes.FAULT_VERSION;
  return isHead ? "start" : "read-type";
}
