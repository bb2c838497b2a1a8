import { checked } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Reply } from "../protocol/reply.ts";
import type { Database } from "./database.ts";

export {
  SET_DIFFERENCE,
  SET_INTERSECTION,
  SET_UNION,
} from "../engine/codes.ts";

/** What `move` did: it moved; and the member is new in the destination. */
export const MOVED = 2, MOVE_ADDED = 4;

/**
 * A database's sets. Keys and members are named by argument index; a missing
 * key is an empty set, and a set that becomes empty takes its key with it
 * (`Database.emptied`). Conditions are thrown, and then nothing has changed.
 */
export class Sets {
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];
  readonly #database: Database;

  constructor(engine: Engine, database: Database) {
    this.#engine = engine;
    this.#calls = engine.calls;
    this.#database = database;
  }

  get #handle(): number {
    return this.#database.handle;
  }

  /** Adds `count` arguments from `first` on; how many are new. */
  add(key: number, first: number, count: number): number {
    return checked(this.#calls.addToSet(this.#handle, key, first, count));
  }

  /** Removes `count` arguments from `first` on; how many were there. */
  remove(key: number, first: number, count: number): number {
    return checked(this.#calls.removeFromSet(this.#handle, key, first, count));
  }

  has(key: number, member: number): boolean {
    return checked(this.#calls.isInSet(this.#handle, key, member)) === 1;
  }

  /** Replies with 1 or 0 for each of `count` arguments from `first` on. */
  replyHas(key: number, first: number, count: number): void {
    checked(this.#calls.replyAreInSet(this.#handle, key, first, count));
  }

  count(key: number): number {
    return checked(this.#calls.countSet(this.#handle, key));
  }

  /** Replies with all members. */
  replyAll(key: number): void {
    checked(this.#calls.replySetMembers(this.#handle, key));
  }

  /**
   * Moves a member: 0 when the source has none such, else 1, plus MOVED unless
   * both are the same set, plus MOVE_ADDED. `emptied` speaks of the source.
   */
  move(from: number, to: number, member: number): number {
    return checked(this.#calls.moveToSet(this.#handle, from, to, member));
  }

  /** Takes a random member out and replies with it, or null; whether. */
  pop(key: number): boolean {
    return checked(this.#calls.popOneFromSet(this.#handle, key)) === 1;
  }

  /**
   * Takes up to `count` members out and replies with them; with `count` null
   * one, and the reply is that of `pop`. Returns how many. `tell` gets their
   * names in portions, unless all members went at once with their key.
   */
  popMany(
    key: number,
    count: number | null,
    tell?: (members: Uint8Array[]) => void,
  ): number {
    const { popFromSet, releasePopped } = this.#calls;
    const bare = count === null ? 1 : 0;
    try {
      const popped = checked(popFromSet(this.#handle, key, count ?? 1, bare));
      if (tell) this.#tellPopped(tell);
      return popped;
    } finally {
      releasePopped();
    }
  }

  #tellPopped(tell: (members: Uint8Array[]) => void): void {
    const calls = this.#calls;
    const count = calls.poppedCount() >>> 0;
    for (let from = 0; from < count; from += PORTION) {
      const members: Uint8Array[] = [];
      for (let i = from; i < Math.min(from + PORTION, count); i++) {
        const address = calls.poppedPtr(i) >>> 0;
        members.push(this.#engine.copy(address, calls.poppedBytes(i) >>> 0));
      }
      tell(members);
    }
  }

  /** Replies with a random member or null. */
  replyRandom(key: number): void {
    checked(this.#calls.replyRandomOfSet(this.#handle, key));
  }

  /** Replies with up to `count` different members, or `count` that repeat. */
  replyRandoms(key: number, count: number, repeats: boolean): void {
    const { replyRandomsOfSet } = this.#calls;
    checked(replyRandomsOfSet(this.#handle, key, count, repeats ? 1 : 0));
  }

  /** Replies with what an operation makes of `count` keys from `first` on. */
  replyCombined(operation: number, first: number, count: number): void {
    const { replyCombinedSets } = this.#calls;
    checked(replyCombinedSets(this.#handle, operation, first, count));
  }

  /** How many members that has; counting ends at `limit`. */
  countCombined(
    operation: number,
    first: number,
    count: number,
    limit: number,
  ): number {
    const { countCombinedSets } = this.#calls;
    return checked(
      countCombinedSets(this.#handle, operation, first, count, limit),
    );
  }

  /** About how many members the union of `count` keys has. */
  estimate(first: number, count: number): number {
    return checked(this.#calls.estimateUnion(this.#handle, first, count));
  }

  /** Stores it; how many members it has. With 0 the target stays as it was. */
  store(operation: number, to: number, first: number, count: number): number {
    const { storeCombinedSets } = this.#calls;
    return checked(
      storeCombinedSets(this.#handle, operation, to, first, count),
    );
  }

  /** Makes a set the one that `scan` walks. False when it is missing. */
  open(key: number): boolean {
    return checked(this.#calls.openSetScan(this.#handle, key)) === 1;
  }

  /**
   * Replies as SSCAN does with members of the open set; `pattern` is an
   * argument index or 0.
   */
  scan(reply: Reply, cursor: number, count: number, pattern: number): void {
    const mark = reply.mark();
    const next = this.#calls.scanSet(cursor, count, pattern) >>> 0;
    const found = this.#calls.setScanEmitted() >>> 0;
    const text = String(next);
    reply.insert(mark, `*2\r\n$${text.length}\r\n${text}\r\n*${found}\r\n`);
  }
}

/** So many members are named at a time, as Redis does. */
const PORTION = 1024;
