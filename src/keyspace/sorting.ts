import { SORT_AS_IS, SORT_DESCENDING, SORT_TEXTS } from "../engine/codes.ts";
import { checked } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Database } from "./database.ts";

/** How to sort; keys and patterns are named by argument index, 0 is none. */
export interface SortPlan {
  /** The pattern of the keys to sort by. */
  readonly by: number;
  /** Whether the elements stay in the order that they have. */
  readonly isAsIs: boolean;
  readonly isDescending: boolean;
  /** Whether texts are compared and not numbers. */
  readonly comparesTexts: boolean;
  readonly start: number;
  /** Below 0 for all. */
  readonly count: number;
  /** The patterns of what stands for each element. */
  readonly gets: readonly number[];
  /** Where the result is stored; nothing is replied then. */
  readonly target: number;
}

/** SORT, of any type whose elements are in a row or a heap. */
export class Sorting {
  readonly #calls: Engine["calls"];
  readonly #database: Database;

  constructor(engine: Engine, database: Database) {
    this.#calls = engine.calls;
    this.#database = database;
  }

  /**
   * Replies with the elements of a key in order, or stores them and returns
   * how many there are; none leave the target as it was.
   */
  sort(key: number, plan: SortPlan): number {
    const { sortBegin, sortGet, sortKey } = this.#calls;
    sortBegin();
    for (const get of plan.gets) checked(sortGet(get));
    const flags = (plan.isDescending ? SORT_DESCENDING : 0) |
      (plan.comparesTexts ? SORT_TEXTS : 0) |
      (plan.isAsIs ? SORT_AS_IS : 0);
    const { by, start, count, target } = plan;
    const { handle } = this.#database;
    return checked(sortKey(handle, key, by, flags, start, count, target));
  }
}
