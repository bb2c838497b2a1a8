import type { Engine } from "../engine/engine.ts";
import { Sink } from "../engine/sink.ts";

const utf8 = new TextEncoder();

/**
 * The log of effects: while it is on, every change of the data as commands that
 * make it again, in order, as bytes of the protocol (wasm/effects.ts). Whoever
 * keeps it (a file, a backlog for replicas) takes them piece by piece. Between
 * two turns it ends with a whole command; pieces may end anywhere.
 *
 * Nothing is ever lost: what finds no memory in the engine, where the log
 * gathers, is kept on JavaScript's heap until it is taken.
 */
export class EffectLog {
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];
  #sink: Sink | null = null;
  /** What was moved out of the engine, in front of all that is there. */
  #heap: Uint8Array<ArrayBuffer>[] = [];
  /** Bytes that were logged, but not to the present sink. */
  #before = 0;
  #taken = 0;
  #frameDepth = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#calls = engine.calls;
  }

  get isOn(): boolean {
    return this.#sink !== null;
  }

  /** How many bytes were ever logged; it never goes back. */
  get sequence(): number {
    return this.#before + (this.#sink?.total ?? 0);
  }

  /** How many of them wait to be taken. */
  get pendingBytes(): number {
    return this.sequence - this.#taken;
  }

  /** From now on effects are logged; throws when there is no memory for it. */
  enable(): void {
    if (this.#sink !== null) return;
    this.#sink = new Sink(this.#engine);
    this.forceSelect();
    this.resume();
  }

  /** Logs nothing more, and drops what was not taken. */
  disable(): void {
    if (this.#sink === null) return;
    this.pause();
    this.#before = this.#taken = this.sequence;
    this.#sink.free();
    this.#sink = null;
    this.#heap = [];
  }

  /** What happens until `resume` has been logged before. */
  pause(): void {
    this.#calls.setLogging(0);
  }

  resume(): void {
    if (this.#sink !== null) this.#calls.setLogging(this.#sink.handle);
  }

  /** The next piece, at most 64 KiB unless a single effect is longer. */
  take(): Uint8Array<ArrayBuffer> | null {
    const piece = this.view()?.slice() ?? null;
    if (piece !== null) this.drop();
    return piece;
  }

  /**
   * The next piece where it lies, without a copy, which costs as much as the
   * logging did: good until the engine is asked for anything else. Whoever has
   * written it away drops it.
   */
  view(): Uint8Array<ArrayBuffer> | null {
    return this.#heap.at(0) ?? this.#sink?.view() ?? null;
  }

  /** Takes away the piece that `view` has shown. */
  drop(): void {
    this.#taken += this.view()?.length ?? 0;
    if (this.#heap.shift() === undefined) this.#sink?.drop();
  }

  /** The next effect names its database again: a reader may begin with it. */
  forceSelect(): void {
    this.#calls.forceSelect();
  }

  /**
   * Draws a line: what follows begins with a piece and a SELECT of its own.
   * Returns the sequence at the line.
   */
  mark(): number {
    this.#moveToHeap();
    this.forceSelect();
    return this.sequence;
  }

  /**
   * What follows until `endFrame` is one transaction: nobody takes anything out
   * of the log meanwhile. A frame within a frame is part of it.
   */
  beginFrame(): void {
    if (this.#frameDepth++ === 0) this.#calls.beginFrame();
  }

  endFrame(): void {
    if (--this.#frameDepth > 0) return;
    if (this.#calls.endFrame()) return;
    this.#moveToHeap();
    this.#toHeap(encode([[EXEC]]));
  }

  /** Somebody relies on the sequence as it is now, within a transaction. */
  keepFrame(): void {
    this.#calls.keepFrame();
  }

  /**
   * Before a command that writes: makes room for the removal of due keys that
   * it may meet. Without room these stay, hidden: to the command they are not
   * there, and the log would not say so before it.
   */
  makeRoom(): boolean {
    if (this.#calls.logReserve(REMOVALS_BYTES)) return true;
    this.#moveToHeap();
    return this.#calls.logReserve(REMOVALS_BYTES) !== 0;
  }

  /** The current command has changed a database as it was sent. */
  appendSent(database: number, words: () => Uint8Array[]): void {
    if (this.#calls.logCommand(database) >= 0) return;
    this.#moveToHeap();
    if (this.#calls.logCommand(database) >= 0) return;
    this.append(database, [words()]);
  }

  /** A command has changed a database as these would do. */
  append(database: number, commands: readonly (readonly Uint8Array[])[]): void {
    const isAlone = commands.length === 1 || this.#frameDepth > 0;
    const all = isAlone ? [...commands] : [[MULTI], ...commands, [EXEC]];
    if (this.#calls.mustSelect(database)) {
      all.unshift([SELECT, utf8.encode(String(database))]);
    }
    const opensFrame = this.#calls.countEffects(commands.length) !== 0;
    if (opensFrame) all.unshift([MULTI]);
    const bytes = encode(all);
    if (!this.#calls.logReserve(bytes.length)) {
      this.#moveToHeap();
      this.#toHeap(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += ROOM_BYTES) {
      const part = bytes.subarray(at, at + ROOM_BYTES);
      const address = this.#calls.logRoom(part.length) >>> 0;
      this.#engine.memory.set(part, address);
      this.#calls.logFilled(part.length);
      if (opensFrame && at === 0) this.#calls.setFramePlace(address);
    }
  }

  #toHeap(bytes: Uint8Array<ArrayBuffer>): void {
    this.#heap.push(bytes);
    this.#before += bytes.length;
  }

  #moveToHeap(): void {
    if (this.#sink === null) return;
    this.keepFrame();
    for (let piece; (piece = this.#sink.take()) !== null;) {
      this.#heap.push(piece);
    }
  }
}

/** More than the due keys take that a command finds, or nearly always. */
const REMOVALS_BYTES = 16384;
/** The engine gives no more room at a time. */
const ROOM_BYTES = 1024;

const SELECT = utf8.encode("SELECT");
const MULTI = utf8.encode("MULTI");
const EXEC = utf8.encode("EXEC");

const STAR = 0x2a, DOLLAR = 0x24;
/** A type byte, ten digits and the line's end, and the end of a bulk string. */
const FRAME_MAX_BYTES = 15;

function encode(
  commands: readonly (readonly Uint8Array[])[],
): Uint8Array<ArrayBuffer> {
  let most = 0;
  for (const words of commands) {
    most += FRAME_MAX_BYTES * (words.length + 1);
    for (const word of words) most += word.length;
  }
  const bytes = new Uint8Array(most);
  let at = 0;
  const header = (type: number, count: number) => {
    bytes[at++] = type;
    at += utf8.encodeInto(`${count}\r\n`, bytes.subarray(at)).written;
  };
  for (const words of commands) {
    header(STAR, words.length);
    for (const word of words) {
      header(DOLLAR, word.length);
      bytes.set(word, at);
      at += word.length;
      bytes[at++] = 13;
      bytes[at++] = 10;
    }
  }
  return bytes.subarray(0, at);
}
