import { checked, MISSING } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Reply } from "../protocol/reply.ts";
import type { Database } from "./database.ts";

export {
  ADD_COUNT_CHANGED,
  ADD_INCREMENT,
  ADD_ONLY_GREATER,
  ADD_ONLY_LESS,
  ADD_ONLY_NEW,
  ADD_ONLY_OLD,
  MISSING,
  POP_BARE,
  POP_FLAT,
  POP_PAIRS,
  RANGE_BY_NAME,
  RANGE_BY_RANK,
  RANGE_BY_SCORE,
} from "../engine/codes.ts";

/** A range of a sorted set, and how it is to be replied. */
export interface Range {
  /** RANGE_BY_RANK, RANGE_BY_SCORE or RANGE_BY_NAME. */
  by: number;
  /** The arguments of the lower and the higher bound, by score or name. */
  low: number;
  high: number;
  /** The ranks, by rank; with `reverse` counted from the end. */
  start: number;
  stop: number;
  reverse: boolean;
  /** How many are skipped, and how many kept; below 0 all of them. */
  offset: number;
  limit: number;
  withScores: boolean;
}

/**
 * A database's sorted sets. Keys, scores, members and bounds are named by
 * argument index; replies are written by the engine. Conditions are thrown, and
 * then nothing has changed and nothing was replied.
 */
export class SortedSets {
  readonly #calls: Engine["calls"];
  readonly #database: Database;

  constructor(engine: Engine, database: Database) {
    this.#calls = engine.calls;
    this.#database = database;
  }

  get #db(): number {
    return this.#database.handle;
  }

  /**
   * Adds pairs of score and member from an argument on, under the conditions
   * ADD_..., and replies as ZADD does. True when something changed.
   */
  add(key: number, first: number, count: number, flags: number): boolean {
    checked(this.#calls.zsetAdd(this.#db, key, first, count, flags));
    return this.#calls.zsetChanged() === 1;
  }

  /** Removes members; returns how many there were. */
  remove(key: number, first: number, count: number): number {
    return checked(this.#calls.zsetRemove(this.#db, key, first, count));
  }

  /** How many members; 0 when the key is missing. */
  count(key: number): number {
    return checked(this.#calls.zsetLength(this.#db, key));
  }

  /** Replies with a member's score or null. */
  score(key: number, member: number): void {
    checked(this.#calls.zsetReplyScore(this.#db, key, member));
  }

  /** Replies with the scores of so many members. */
  scores(key: number, first: number, count: number): void {
    checked(this.#calls.zsetReplyScores(this.#db, key, first, count));
  }

  /** Replies with a member's rank, or null. */
  rank(
    key: number,
    member: number,
    reverse: boolean,
    withScore: boolean,
  ): void {
    const { zsetReplyRank } = this.#calls;
    checked(
      zsetReplyRank(this.#db, key, member, Number(reverse), Number(withScore)),
    );
  }

  /** How many members lie between two bounds. */
  countBetween(key: number, by: number, low: number, high: number): number {
    return checked(this.#calls.zsetCountBetween(this.#db, key, by, low, high));
  }

  /** Replies with a range. */
  range(key: number, range: Range): void {
    const { by, low, high, start, stop, offset, limit } = range;
    const reverse = Number(range.reverse);
    const withScores = Number(range.withScores);
    const { zsetRangeByBounds, zsetRangeByRank } = this.#calls;
    checked(
      by === 0
        ? zsetRangeByRank(this.#db, key, start, stop, reverse, withScores)
        : zsetRangeByBounds(
          this.#db,
          key,
          by,
          low,
          high,
          offset,
          limit,
          reverse,
          withScores,
        ),
    );
  }

  /** Removes the ranks from `start` to `stop`; returns how many there were. */
  removeRanks(key: number, start: number, stop: number): number {
    return checked(this.#calls.zsetRemoveRanks(this.#db, key, start, stop));
  }

  /** Removes what lies between two bounds; returns how much it was. */
  removeBetween(key: number, by: number, low: number, high: number): number {
    return checked(this.#calls.zsetRemoveBetween(this.#db, key, by, low, high));
  }

  /**
   * Takes members from the front or the end and replies with them and their
   * scores, in the form POP_...; how many, or MISSING without a reply.
   */
  pop(key: number, count: number, fromEnd: boolean, form: number): number {
    const { zsetPop } = this.#calls;
    return checked(zsetPop(this.#db, key, count, Number(fromEnd), form));
  }

  /** Whether there is something to pop. */
  canPop(key: number): boolean {
    return checked(this.#calls.zsetPoppable(this.#db, key)) !== MISSING;
  }

  /** Replies as ZSCAN does; `pattern` is an argument or 0. */
  scan(
    reply: Reply,
    key: number,
    cursor: number,
    count: number,
    pattern: number,
    withScores: boolean,
  ): void {
    const { zsetScan, zsetScanned } = this.#calls;
    const mark = reply.mark();
    const scores = Number(withScores);
    const next = checked(
      zsetScan(this.#db, key, cursor, count, pattern, scores),
    );
    const found = zsetScanned() >>> 0;
    const text = String(next);
    reply.insert(mark, `*2\r\n$${text.length}\r\n${text}\r\n*${found}\r\n`);
  }
}
