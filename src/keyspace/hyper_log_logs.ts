import { checked, MISSING } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Database } from "./database.ts";

/** What the engine's self-test found; anything else is a failure. */
const SELF_TEST_PASSED = 1;

/**
 * A database's strings as HyperLogLogs: estimates of how many different
 * elements were added. Conditions are thrown, and then nothing has changed.
 */
export class HyperLogLogs {
  readonly #calls: Engine["calls"];
  readonly #database: Database;

  constructor(engine: Engine, database: Database) {
    this.#calls = engine.calls;
    this.#database = database;
  }

  /**
   * Adds the arguments from `first` on, making the key when it is missing.
   * Whether anything changed.
   */
  add(key: number, first: number): boolean {
    const { addElements } = this.#calls;
    return checked(addElements(this.#database.handle, key, first)) === 1;
  }

  /**
   * Replies with how many elements a key has. True when they were counted anew,
   * which the value remembers: it is another one now.
   */
  count(key: number): boolean {
    const { replyCardinality } = this.#calls;
    return checked(replyCardinality(this.#database.handle, key)) === 1;
  }

  /** Replies with how many elements the keys of all arguments have. */
  countUnion(): void {
    checked(this.#calls.replyUnionCardinality(this.#database.handle));
  }

  /** Stores the union of all arguments' keys at the first one. */
  merge(): void {
    checked(this.#calls.mergeHyperLogLogs(this.#database.handle));
  }

  /** Whether a key is in the sparse form, null when it is missing. */
  isSparse(key: number): boolean | null {
    const code = checked(this.#calls.isSparseKey(this.#database.handle, key));
    return code === MISSING ? null : code === 1;
  }

  /** Brings a key into the dense form; false when it is in it. */
  makeDense(key: number): boolean {
    return checked(this.#calls.makeDense(this.#database.handle, key)) === 1;
  }

  /** The same, and replies with its registers. */
  replyRegisters(key: number): boolean {
    const { replyRegisters } = this.#calls;
    return checked(replyRegisters(this.#database.handle, key)) === 1;
  }

  /** Replies with the runs of the sparse form as text. */
  replyRuns(key: number): void {
    checked(this.#calls.replyRuns(this.#database.handle, key));
  }

  /** Whether the engine counts as it should; no key is touched. */
  testItself(): boolean {
    return checked(this.#calls.testHyperLogLog()) === SELF_TEST_PASSED;
  }
}
