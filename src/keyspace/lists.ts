import { checked, MISSING } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Database } from "./database.ts";

/** The end of a list at which something happens. */
export type Side = "left" | "right";

/**
 * A database's lists. Keys and elements are named by argument index; MISSING
 * is what a method returns for a key that is not there. Conditions are thrown,
 * and then nothing has changed. A list that is left empty is gone: `emptied`
 * of the database then tells.
 */
export class Lists {
  readonly #calls: Engine["calls"];
  readonly #database: Database;

  constructor(engine: Engine, database: Database) {
    this.#calls = engine.calls;
    this.#database = database;
  }

  /**
   * Pushes `count` arguments from `first` on; returns the new length, or 0 when
   * `onlyOld` finds no list.
   */
  push(
    key: number,
    first: number,
    count: number,
    side: Side,
    onlyOld: boolean,
  ): number {
    const { pushMany } = this.#calls;
    const { handle } = this.#database;
    const atHead = headOf(side), old = onlyOld ? 1 : 0;
    return checked(pushMany(handle, key, first, count, atHead, old));
  }

  /** Takes an element off and replies with it. */
  pop(key: number, side: Side): number {
    const { handle } = this.#database;
    return checked(this.#calls.popOne(handle, key, headOf(side)));
  }

  /** Takes up to so many off and replies with an array; returns its length. */
  popMany(key: number, most: number, side: Side): number {
    const { handle } = this.#database;
    return checked(this.#calls.popMany(handle, key, most, headOf(side)));
  }

  /**
   * Replies with the key and then as `popMany`, or as `pop` when `most` is
   * null; returns how many elements it took.
   */
  popWithKey(key: number, most: number | null, side: Side): number {
    const { popWithKey } = this.#calls;
    const { handle } = this.#database;
    return checked(popWithKey(handle, key, most ?? -1, headOf(side)));
  }

  /** Moves an element from end to end and replies with it. */
  move(from: number, to: number, fromSide: Side, toSide: Side): number {
    const { moveElement } = this.#calls;
    const { handle } = this.#database;
    return checked(
      moveElement(handle, from, to, headOf(fromSide), headOf(toSide)),
    );
  }

  length(key: number): number {
    return checked(this.#calls.listLength(this.#database.handle, key));
  }

  /** Replies with the elements between two indexes, both included. */
  range(key: number, start: number, end: number): number {
    const { handle } = this.#database;
    return checked(this.#calls.listRange(handle, key, start, end));
  }

  /** Replies with the element at an index and returns 1; else 0. */
  at(key: number, index: number): number {
    return checked(this.#calls.listIndex(this.#database.handle, key, index));
  }

  /** Replaces the element at an index. */
  set(key: number, index: number, value: number): number {
    const { handle } = this.#database;
    return checked(this.#calls.listSet(handle, key, index, value));
  }

  /** Inserts beside the first `pivot`; returns the new length, 0 without one. */
  insert(key: number, pivot: number, value: number, behind: boolean): number {
    const { listInsert } = this.#calls;
    const { handle } = this.#database;
    return checked(listInsert(handle, key, pivot, value, behind ? 1 : 0));
  }

  /**
   * Removes up to `count` elements that equal `value`, from the tail on when
   * negative, all of them for 0; returns how many.
   */
  remove(key: number, count: number, value: number): number {
    const { handle } = this.#database;
    return checked(this.#calls.listRemove(handle, key, count, value));
  }

  /** Keeps only the elements between two indexes, both included. */
  trim(key: number, start: number, end: number): number {
    const { handle } = this.#database;
    return checked(this.#calls.listTrim(handle, key, start, end));
  }

  /**
   * Replies with the positions of elements that equal `value` and returns how
   * many. With `count` null only the first, and no reply when there is none.
   */
  positions(
    key: number,
    value: number,
    rank: number,
    count: number | null,
    most: number,
  ): number {
    const { listPositions } = this.#calls;
    const { handle } = this.#database;
    return checked(listPositions(handle, key, value, rank, count ?? -1, most));
  }
}

function headOf(side: Side): number {
  return side === "left" ? 1 : 0;
}

export { MISSING };
