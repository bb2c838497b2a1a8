/** Hosts for tests of the engine in which keys and values are plain words. */
import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { type AllocatorExports, Instance } from "../support/wasm.ts";

export interface WordExports extends AllocatorExports {
  clearArguments(): void;
  pushArgument(ptr: number, byteCount: number): number;
  replyInit(): number;
  outBase(): number;
  outLength(): number;
  outReset(): number;
}

export interface DatabaseExports extends WordExports {
  dbNew(): number;
  lookupKey(db: number, key: number): number;
  verifyDatabase(db: number): number;
}

export interface CommandExports extends DatabaseExports {
  addArgument(ptr: number, byteCount: number): number;
}

export type Word = string | number | bigint | Uint8Array;

/** One byte for each character. */
export function bytesOf(word: Word): Uint8Array {
  if (word instanceof Uint8Array) return word;
  return new Uint8Array(Buffer.from(String(word), "latin1"));
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** An engine; what is said are the arguments 0, 1, ... of a call. */
export class WordHost<Exports extends WordExports> extends Instance<Exports> {
  #words = 0;

  constructor(calls: Exports) {
    super(calls);
    assertEquals(calls.replyInit(), 1);
  }

  /** Makes words the arguments. */
  say(...words: Word[]): void {
    this.forget();
    const texts = words.map(bytesOf);
    this.#words = this.alloc(texts.reduce((sum, it) => sum + it.length, 1));
    let at = this.#words;
    for (const text of texts) {
      this.bytes(at, text.length).set(text);
      this.append(at, text.length);
      at += text.length;
    }
  }

  protected append(ptr: number, byteCount: number): void {
    this.calls.pushArgument(ptr, byteCount);
  }

  /** Lets the arguments go, so that nothing but data is allocated. */
  forget(): void {
    this.calls.clearArguments();
    if (this.#words) this.calls.free(this.#words);
    this.#words = 0;
  }

  /** Bytes in use without what was said. */
  used(): number {
    this.forget();
    return this.calls.usedBytes();
  }

  text(address: number, byteCount: number): string {
    return textOf(this.bytes(address >>> 0, byteCount >>> 0));
  }

  /** The replies since the last call. */
  takeText(): string {
    const { calls } = this;
    const text = this.text(calls.outBase(), calls.outLength());
    calls.outReset();
    return text;
  }
}

/** The same with one database. */
export class DatabaseHost<Exports extends DatabaseExports>
  extends WordHost<Exports> {
  readonly db: number;

  constructor(calls: Exports) {
    super(calls);
    this.db = calls.dbNew() >>> 0;
  }

  /** The address of a key's entry, or 0. */
  entry(key: Word): number {
    this.say(key);
    return this.calls.lookupKey(this.db, 0) >>> 0;
  }

  override verify(): void {
    super.verify();
    assertEquals(this.calls.verifyDatabase(this.db), 0);
  }
}

/** The same for what looks at a whole command: its words begin at 1. */
export class CommandHost<Exports extends CommandExports>
  extends DatabaseHost<Exports> {
  override say(...words: Word[]): void {
    super.say("x", ...words);
  }

  protected override append(ptr: number, byteCount: number): void {
    this.calls.addArgument(ptr, byteCount);
  }

  override entry(key: Word): number {
    this.say(key);
    return this.calls.lookupKey(this.db, 1) >>> 0;
  }
}
