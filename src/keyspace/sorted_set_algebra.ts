import { checked } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Database } from "./database.ts";
import type { Range } from "./sorted_sets.ts";

export {
  AGGREGATE_COUNT,
  AGGREGATE_MAX,
  AGGREGATE_MIN,
  AGGREGATE_SUM,
  COMBINE_DIFFERENCE,
  COMBINE_INTERSECTION,
  COMBINE_UNION,
} from "../engine/codes.ts";

/**
 * What is made of sorted sets and drawn from them. Where there are several,
 * they are the inputs of a combination, and plain sets count as sorted ones
 * whose scores are all 1. Keys and weights are named by argument index.
 *
 * The inputs are opened first, then weighed, then combined as often as wanted,
 * and closed in any case. Conditions are thrown, and then nothing has changed.
 */
export class SortedSetAlgebra {
  readonly #calls: Engine["calls"];
  readonly #database: Database;

  constructor(engine: Engine, database: Database) {
    this.#calls = engine.calls;
    this.#database = database;
  }

  /** Makes the keys at `count` arguments from `first` on the inputs. */
  open(first: number, count: number): void {
    const { handle } = this.#database;
    checked(this.#calls.zsetOpenInputs(handle, first, count));
  }

  /** Gives the input of an index, 0 being the first, its weight. */
  weigh(input: number, weight: number): void {
    checked(this.#calls.zsetWeighInput(input, weight));
  }

  close(): void {
    this.#calls.zsetCloseInputs();
  }

  /** Replies with the members of the combination in order. */
  reply(operation: number, aggregate: number, withScores: boolean): void {
    const { zsetReplyCombined } = this.#calls;
    checked(zsetReplyCombined(operation, aggregate, withScores ? 1 : 0));
  }

  /**
   * Stores the combination in the place of whatever a key holds. Returns how
   * many members it has; 0 leaves the key as it was.
   */
  store(to: number, operation: number, aggregate: number): number {
    const { handle } = this.#database;
    return checked(
      this.#calls.zsetStoreCombined(handle, to, operation, aggregate),
    );
  }

  /** How many members all inputs share, up to a limit unless that is 0. */
  countShared(limit: number): number {
    return this.#calls.zsetCountShared(limit);
  }

  /**
   * Stores a range of a sorted set in the place of whatever a key holds.
   * Returns how many members it has; 0 leaves the key as it was.
   */
  storeRange(to: number, key: number, range: Range): number {
    const { by, start, stop, low, high, offset, limit, reverse } = range;
    return checked(this.#calls.zsetStoreRange(
      this.#database.handle,
      to,
      key,
      by,
      start,
      stop,
      low,
      high,
      offset,
      limit,
      reverse ? 1 : 0,
    ));
  }

  /** Replies with a random member of a sorted set, or null. */
  replyRandom(key: number): void {
    checked(this.#calls.zsetReplyRandom(this.#database.handle, key));
  }

  /**
   * Replies with up to `count` different random members, or with `repeats`
   * with so many independent ones.
   */
  replyRandoms(
    key: number,
    count: number,
    repeats: boolean,
    withScores: boolean,
  ): void {
    const { handle } = this.#database;
    checked(this.#calls.zsetReplyRandoms(
      handle,
      key,
      count,
      repeats ? 1 : 0,
      withScores ? 1 : 0,
    ));
  }
}
