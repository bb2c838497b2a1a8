import { checked, MISSING } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Database } from "./database.ts";

export {
  BIT_CHANGED,
  BITOP_AND,
  BITOP_ANDOR,
  BITOP_DIFF,
  BITOP_DIFF1,
  BITOP_NOT,
  BITOP_ONE,
  BITOP_OR,
  BITOP_XOR,
  OVERFLOW_FAIL,
  OVERFLOW_SAT,
  OVERFLOW_WRAP,
} from "../engine/codes.ts";

/**
 * A database's strings as rows of bits. Keys, offsets, types and amounts are
 * named by argument index, so that a 64-bit number never leaves the engine.
 * Conditions are thrown, and then nothing has changed.
 */
export class Bits {
  readonly #calls: Engine["calls"];
  readonly #database: Database;

  constructor(engine: Engine, database: Database) {
    this.#calls = engine.calls;
    this.#database = database;
  }

  /** The bit at an offset; 0 past the end. */
  get(key: number, offset: number): number {
    return checked(this.#calls.getBit(this.#database.handle, key, offset));
  }

  /**
   * Sets a bit; returns the one before, plus BIT_CHANGED when the string is
   * another one now.
   */
  set(key: number, offset: number, value: number): number {
    const { setBit } = this.#calls;
    return checked(setBit(this.#database.handle, key, offset, value));
  }

  /**
   * Makes a string the one that `byteCount`, `count` and `find` look at, until
   * the next operation. False when it is missing.
   */
  open(key: number): boolean {
    const found = this.#calls.getString(this.#database.handle, key);
    return checked(found) !== MISSING;
  }

  /** The length of the open string. */
  get byteCount(): number {
    return this.#calls.viewBytes() >>> 0;
  }

  /** How many bits of the open string are set, both ends included. */
  count(firstBit: number, lastBit: number): number {
    return this.#calls.countBits(firstBit, lastBit);
  }

  /** The first such bit of the open string, both ends included, or -1. */
  find(bit: number, firstBit: number, lastBit: number): number {
    return this.#calls.findBit(bit, firstBit, lastBit);
  }

  /**
   * Stores what an operation makes of the strings at `count` arguments from
   * `first` on. Returns the length; 0 leaves the destination as it was.
   */
  combine(operation: number, to: number, first: number, count: number): number {
    const { handle } = this.#database;
    return checked(
      this.#calls.bitOperation(handle, operation, to, first, count),
    );
  }

  /** How many bits a string must have to hold a field. */
  fieldEnd(type: number, offset: number): number {
    return checked(this.#calls.checkField(type, offset));
  }

  /**
   * Makes a string the one whose fields the next calls name, each of which
   * `fieldEnd` has seen before. With `endBit` it is made long enough to be
   * written up to there; true when that changed it.
   */
  openFields(key: number, endBit: number): boolean {
    const { handle } = this.#database;
    return checked(this.#calls.openFields(handle, key, endBit)) === 1;
  }

  /** Replies with a field's value. */
  getField(type: number, offset: number): void {
    this.#calls.replyField(type, offset);
  }

  /** Replies with the value before, or null; true when something changed. */
  setField(
    type: number,
    offset: number,
    value: number,
    overflow: number,
  ): boolean {
    return this.#calls.setField(type, offset, value, overflow) === 1;
  }

  /** Replies with the sum, or null; true when something changed. */
  addToField(
    type: number,
    offset: number,
    increment: number,
    overflow: number,
  ): boolean {
    return this.#calls.addToField(type, offset, increment, overflow) === 1;
  }
}
