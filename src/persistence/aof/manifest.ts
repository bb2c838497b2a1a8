import {
  asciiLowerCase,
  bytesFromText,
  quoted,
  splitArguments,
  textFromBytes,
} from "../../protocol/text.ts";

/**
 * The list of the files that together are one append-only file:
 *
 *     file appendonly.aof.2.base.rdb seq 2 type b
 *     file appendonly.aof.1.incr.aof seq 1 type h
 *     file appendonly.aof.4.incr.aof seq 4 type i
 *     file appendonly.aof.5.incr.aof seq 5 type i
 *
 * At most one base (b), the dataset at some moment; then increments (i), what
 * has changed since, in the order of their numbers; and files of the past (h)
 * that only wait for their removal. Effects are appended to the last increment.
 * A manifest never changes: each step of a rewrite makes the next one, which
 * counts once it is on the disk.
 */
export class Manifest {
  private constructor(
    readonly base: ManifestFile | null,
    readonly history: readonly ManifestFile[],
    readonly increments: readonly ManifestFile[],
    /** Numbers given out last: they rise even when the file is gone. */
    private readonly baseNumber: number,
    private readonly incrementNumber: number,
  ) {}

  static readonly empty = new Manifest(null, [], [], 0, 0);

  /** What the file says; throws ManifestError. */
  static parse(bytes: Uint8Array): Manifest {
    return parse(bytes);
  }

  /** Made from its lines, in their order. */
  static of(files: Iterable<ManifestFile>): Manifest {
    let base: ManifestFile | null = null;
    const history: ManifestFile[] = [];
    const increments: ManifestFile[] = [];
    for (const file of files) {
      if (file.type === "b") base = file;
      else (file.type === "h" ? history : increments).push(file);
    }
    return new Manifest(
      base,
      history,
      increments,
      base?.number ?? 0,
      increments.at(-1)?.number ?? 0,
    );
  }

  get isEmpty(): boolean {
    return this.base === null && this.increments.length === 0;
  }

  /** What is loaded, in order. */
  get files(): readonly ManifestFile[] {
    return this.base === null
      ? this.increments
      : [this.base, ...this.increments];
  }

  format(): string {
    const lines = [...this.history, ...this.increments].map(line).join("");
    return this.base === null ? lines : line(this.base) + lines;
  }

  /** A new base, which makes the old one a file of the past. */
  withNewBase(fileName: string, format: "rdb" | "aof"): Manifest {
    const number = this.baseNumber + 1;
    const name = `${fileName}.${number}.base.${format}`;
    return this.#with({
      base: { name, number, type: "b" },
      history: this.base === null
        ? this.history
        : [past(this.base), ...this.history],
      baseNumber: number,
    });
  }

  /** A file as the only base: the single file of older versions. */
  withOldBase(name: string): Manifest {
    return this.#with({
      base: { name, number: 1, type: "b" },
      baseNumber: 1,
    });
  }

  withNewIncrement(fileName: string): Manifest {
    const number = this.incrementNumber + 1;
    const name = `${fileName}.${number}.incr.aof`;
    return this.#with({
      increments: [...this.increments, { name, number, type: "i" }],
      incrementNumber: number,
    });
  }

  /** A new base covers the increments, all but the last `kept`. */
  withPastIncrements(kept: 0 | 1): Manifest {
    const count = Math.max(0, this.increments.length - kept);
    const covered = this.increments.slice(0, count).map(past);
    return this.#with({
      history: [...covered, ...this.history],
      increments: this.increments.slice(count),
    });
  }

  withoutHistory(gone: ReadonlySet<ManifestFile>): Manifest {
    return this.#with({ history: this.history.filter((f) => !gone.has(f)) });
  }

  #with(changed: {
    base?: ManifestFile;
    history?: readonly ManifestFile[];
    increments?: readonly ManifestFile[];
    baseNumber?: number;
    incrementNumber?: number;
  }): Manifest {
    return new Manifest(
      changed.base ?? this.base,
      changed.history ?? this.history,
      changed.increments ?? this.increments,
      changed.baseNumber ?? this.baseNumber,
      changed.incrementNumber ?? this.incrementNumber,
    );
  }
}

export interface ManifestFile {
  readonly name: string;
  readonly number: number;
  /** Base, history or increment. */
  readonly type: "b" | "h" | "i";
}

/** Why a manifest cannot be used. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";

  constructor(
    reason: string,
    /** The line at fault, where it could be read as one. */
    readonly line?: { readonly number: number; readonly text: string },
  ) {
    super(reason);
  }
}

/** A longer line is refused. */
const LINE_MAX_BYTES = 1024;
const BAD_FORMAT = "Invalid AOF manifest file format";

function past({ name, number }: ManifestFile): ManifestFile {
  return { name, number, type: "h" };
}

function line({ name, number, type }: ManifestFile): string {
  const isPlain = /^[!#-[\]-~]*$/.test(name);
  return `file ${isPlain ? name : quoted(name)} seq ${number} type ${type}\n`;
}

function parse(bytes: Uint8Array): Manifest {
  const files: ManifestFile[] = [];
  let number = 0;
  let lastIncrement = 0;
  for (const piece of pieces(bytes)) {
    number++;
    if (piece[0] === 0x23) continue;
    if (!piece.includes(0x0a)) {
      throw new ManifestError("The AOF manifest file contains too long line");
    }
    const text = textFromBytes(piece).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
    const refuse = (reason: string) =>
      new ManifestError(reason, { number, text });
    const file = parseLine(text, refuse);
    if (file.type === "b" && files.some(({ type }) => type === "b")) {
      throw refuse("Found duplicate base file information");
    }
    if (file.type === "i") {
      if (file.number <= lastIncrement) {
        throw refuse("Found a non-monotonic sequence number");
      }
      lastIncrement = file.number;
    }
    files.push(file);
  }
  if (number === 0) throw new ManifestError("Found an empty AOF manifest");
  return Manifest.of(files);
}

/** Lines with their ends, and pieces of lines that are too long. */
function* pieces(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(0x0a, at);
    const lineEnd = newline < 0 ? bytes.length : newline + 1;
    const end = Math.min(lineEnd, at + LINE_MAX_BYTES);
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** Pairs of words; pairs that are not known are for later versions. */
function parseLine(
  text: string,
  refuse: (reason: string) => ManifestError,
): ManifestFile {
  const words = splitArguments(text);
  if (words === undefined || words.length < 6 || words.length % 2 !== 0) {
    throw refuse(BAD_FORMAT);
  }
  let name = "", number = 0, type = "";
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1];
    switch (asciiLowerCase(words[i])) {
      case "file":
        name = value;
        if (/[/\\]/.test(name)) {
          throw refuse("File can't be a path, just a filename");
        }
        break;
      case "seq":
        number = Number(/^\s*([+-]?\d+)/.exec(value)?.[1] ?? 0);
        break;
      case "type":
        type = value.slice(0, 1);
    }
  }
  if (name === "" || number === 0 || type === "") throw refuse(BAD_FORMAT);
  if (type !== "b" && type !== "h" && type !== "i") {
    throw refuse("Unknown AOF file type");
  }
  return { name, number, type };
}

/** The bytes of a manifest as they go to the disk. */
export function manifestBytes(manifest: Manifest): Uint8Array {
  return bytesFromText(manifest.format());
}
