/**
 * A slow and obvious reader of RDB files, as the oracle of the engine's writer:
 * it keeps everything as it stands in the file.
 */
import { lzf } from "./lzf.ts";

export interface RdbEntry {
  database: number;
  key: string;
  /** The number of the value's type. */
  type: number;
  dueMs?: number;
  idle?: number;
  frequency?: number;
  /**
   * The string, the list's elements, the members, fields and values in turn,
   * members and scores in turn.
   */
  value: string[];
  /** Of type 24: the due time of each field, 0 for none. */
  fieldDues?: number[];
}

export interface RdbFile {
  version: number;
  aux: Record<string, string>;
  /** By database: how many keys and how many due times were announced. */
  sizes: Map<number, [keys: number, dues: number]>;
  entries: RdbEntry[];
  crc: bigint;
  /** How many strings were compressed. */
  compressed: number;
}

const EOF = 255, SELECT = 254, DUE_MS = 252, RESIZE = 251, AUX = 250;
const FREQUENCY = 249, IDLE = 248;

export function readRdb(bytes: Uint8Array): RdbFile {
  return new Reader(bytes).file();
}

/** The value of a DUMP, without its last ten bytes. */
export function readDump(bytes: Uint8Array): RdbEntry {
  const reader = new Reader(bytes.subarray(0, -10));
  return reader.value({ database: 0, key: "", type: reader.byte(), value: [] });
}

class Reader {
  #at = 0;
  #compressed = 0;
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  file(): RdbFile {
    if (this.#latin1(5) !== "REDIS") throw new Error("no RDB file");
    const file: RdbFile = {
      version: Number(this.#latin1(4)),
      aux: {},
      sizes: new Map(),
      entries: [],
      crc: 0n,
      compressed: 0,
    };
    let database = 0;
    let next: Partial<RdbEntry> = {};
    while (true) {
      const code = this.byte();
      if (code === EOF) break;
      if (code === SELECT) database = this.#length();
      else if (code === RESIZE) {
        file.sizes.set(database, [this.#length(), this.#length()]);
      } else if (code === AUX) file.aux[this.#string()] = this.#string();
      else if (code === DUE_MS) next.dueMs = this.#int64();
      else if (code === IDLE) next.idle = this.#length();
      else if (code === FREQUENCY) next.frequency = this.byte();
      else {
        const key = this.#string();
        const entry = { ...next, database, key, type: code, value: [] };
        file.entries.push(this.value(entry));
        next = {};
      }
    }
    file.crc = this.#view.getBigUint64(this.#at, true);
    if (this.#at + 8 !== this.bytes.length) throw new Error("more follows");
    file.compressed = this.#compressed;
    return file;
  }

  value(entry: RdbEntry): RdbEntry {
    switch (entry.type) {
      case 0:
        return { ...entry, value: [this.#string()] };
      case 2:
        return { ...entry, value: this.#strings(this.#length()) };
      case 4:
        return { ...entry, value: this.#strings(this.#length() * 2) };
      case 5:
        return { ...entry, value: this.#scored() };
      case 11:
        return { ...entry, value: intsetElements(this.#string()) };
      case 16:
      case 17:
        return { ...entry, value: listpackElements(this.#string()) };
      case 18:
        return { ...entry, value: this.#nodes() };
      case 24:
        return this.#dated(entry);
      default:
        throw new Error(`type ${entry.type} at ${this.#at}`);
    }
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  #latin1(byteCount: number): string {
    const bytes = this.bytes.subarray(this.#at, this.#at += byteCount);
    if (bytes.length !== byteCount) throw new Error("the file is cut off");
    return textOf(bytes);
  }

  #int64(): number {
    this.#at += 8;
    return Number(this.#view.getBigInt64(this.#at - 8, true));
  }

  #length(): number {
    const first = this.byte();
    if (first < 64) return first;
    if (first < 128) return (first & 63) << 8 | this.byte();
    if (first === 0x80) {
      this.#at += 4;
      return this.#view.getUint32(this.#at - 4);
    }
    if (first !== 0x81) throw new Error(`no length: ${first}`);
    this.#at += 8;
    return Number(this.#view.getBigUint64(this.#at - 8));
  }

  #string(): string {
    const first = this.bytes[this.#at];
    if (first < 0xc0) return this.#latin1(this.#length());
    this.#at++;
    const start = this.#at;
    switch (first) {
      case 0xc0:
        this.#at += 1;
        return String(this.#view.getInt8(start));
      case 0xc1:
        this.#at += 2;
        return String(this.#view.getInt16(start, true));
      case 0xc2:
        this.#at += 4;
        return String(this.#view.getInt32(start, true));
    }
    const packedBytes = this.#length();
    const byteCount = this.#length();
    const packed = this.bytes.subarray(this.#at, this.#at += packedBytes);
    this.#compressed++;
    return textOf(lzf(packed, byteCount));
  }

  #strings(count: number): string[] {
    return Array.from({ length: count }, () => this.#string());
  }

  #scored(): string[] {
    const count = this.#length();
    const all: string[] = [];
    for (let i = 0; i < count; i++) {
      all.push(this.#string());
      all.push(String(this.#view.getFloat64(this.#at, true)));
      this.#at += 8;
    }
    return all;
  }

  #nodes(): string[] {
    const count = this.#length();
    const all: string[] = [];
    for (let i = 0; i < count; i++) {
      const isPlain = this.#length() === 1;
      const text = this.#string();
      if (isPlain) all.push(text);
      else for (const element of listpackElements(text)) all.push(element);
    }
    return all;
  }

  #dated(entry: RdbEntry): RdbEntry {
    const first = this.#int64();
    const count = this.#length();
    const value: string[] = [];
    const fieldDues: number[] = [];
    for (let i = 0; i < count; i++) {
      const due = this.#length();
      fieldDues.push(due === 0 ? 0 : first + due - 1);
      value.push(this.#string(), this.#string());
    }
    return { ...entry, value, fieldDues };
  }
}

function intsetElements(block: string): string[] {
  const view = viewOf(block);
  const width = view.getUint32(0, true);
  return Array.from({ length: view.getUint32(4, true) }, (_, i) => {
    const at = 8 + i * width;
    if (width === 2) return String(view.getInt16(at, true));
    if (width === 4) return String(view.getInt32(at, true));
    return String(view.getBigInt64(at, true));
  });
}

function listpackElements(block: string): string[] {
  const view = viewOf(block);
  const all: string[] = [];
  if (view.getUint32(0, true) !== block.length) throw new Error("listpack");
  let at = 6;
  while (view.getUint8(at) !== 0xff) {
    const [element, body] = listpackElement(block, view, at);
    all.push(element);
    at += body + backwardBytes(body);
  }
  return all;
}

/** An element and the bytes of its encoding and data. */
function listpackElement(
  block: string,
  view: DataView,
  at: number,
): [string, number] {
  const first = view.getUint8(at);
  const text = (from: number, byteCount: number): [string, number] => [
    block.slice(at + from, at + from + byteCount),
    from + byteCount,
  ];
  if (first < 0x80) return [String(first), 1];
  if (first < 0xc0) return text(1, first & 63);
  if (first < 0xe0) {
    const bits = (first & 31) << 8 | view.getUint8(at + 1);
    return [String(bits << 19 >> 19), 2];
  }
  if (first < 0xf0) return text(2, (first & 15) << 8 | view.getUint8(at + 1));
  switch (first) {
    case 0xf0:
      return text(5, view.getUint32(at + 1, true));
    case 0xf1:
      return [String(view.getInt16(at + 1, true)), 3];
    case 0xf2:
      return [String(view.getInt32(at, true) >> 8), 4];
    case 0xf3:
      return [String(view.getInt32(at + 1, true)), 5];
    default:
      return [String(view.getBigInt64(at + 1, true)), 9];
  }
}

function backwardBytes(body: number): number {
  return body < 128 ? 1 : body < 16384 ? 2 : body < 2097152 ? 3 : 4;
}

function viewOf(block: string): DataView {
  return new DataView(
    Uint8Array.from(block, (char) => char.charCodeAt(0)).buffer,
  );
}

function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
