import type { Engine } from "../engine/engine.ts";
import { checked, MISSING } from "../engine/condition.ts";
import { Database } from "./database.ts";
import { digestOf, structSizes } from "./inspection.ts";

export { Database } from "./database.ts";
export { MISSING };
export type { QuicklistShape, TableShape } from "./inspection.ts";

/** How many entries one slice of reclaiming frees. */
const RECLAIM_COUNT = 512;
/** How many due keys one slice removes. */
const EXPIRE_COUNT = 64;

/** All databases of a server. */
export class Keyspace {
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];
  readonly #databases: Database[] = [];

  constructor(engine: Engine, databaseCount: number) {
    this.#engine = engine;
    this.#calls = engine.calls;
    for (let index = 0; index < databaseCount; index++) {
      const database = new Database(engine, index);
      checked(this.#calls.addVictims(database.handle));
      this.#databases.push(database);
    }
  }

  get databaseCount(): number {
    return this.#databases.length;
  }

  database(index: number): Database {
    return this.#databases[index];
  }

  [Symbol.iterator](): Iterator<Database> {
    return this.#databases[Symbol.iterator]();
  }

  /** How many keys there are in all. */
  get size(): number {
    return this.#databases.reduce((sum, db) => sum + db.size, 0);
  }

  /** DEBUG DIGEST: forty digits that are the same for the same data. */
  digest(): string {
    return digestOf(this.#engine, this.#databases);
  }

  /** DEBUG STRUCTSIZE. */
  structSizes(): Record<string, number> {
    return structSizes(this.#engine);
  }

  /** From this length on a list's element has a node of its own; 0: usual. */
  setPackedThreshold(byteCount: number): void {
    this.#calls.setPackedThreshold(byteCount);
  }

  /** Whether RESTORE takes payloads whatever their checksum is. */
  skipPayloadSums(on: boolean): void {
    this.#calls.skipPayloadSums(on ? 1 : 0);
  }

  /** Exchanges the contents of two databases. */
  swap(first: number, second: number): void {
    Database.exchange(this.#databases[first], this.#databases[second]);
    // Who caches keys has them by their names, whatever the database.
    if (first !== second) this.#calls.invalidateAll();
    this.#calls.addChanges(1);
  }

  /** Empties every database; returns how many keys there were. */
  flush(): number {
    let count = 0;
    for (const db of this.#databases) count += db.flush();
    return count;
  }

  /** When the next key is due, in ms; Infinity when none is. */
  get firstDue(): number {
    let first = Infinity;
    for (const db of this.#databases) first = Math.min(first, db.firstDue);
    return first;
  }

  /** Removes a slice of the due keys; returns whether there may be more. */
  expireSlice(): boolean {
    let more = false;
    for (const db of this.#databases) {
      if (db.expireDue(EXPIRE_COUNT) === EXPIRE_COUNT) more = true;
    }
    return more;
  }

  /** Frees a slice of what was thrown away; returns whether there is more. */
  reclaimSlice(): boolean {
    return this.#calls.reclaim(RECLAIM_COUNT) > 0;
  }

  /** Entries that wait to be freed, and those that were. */
  get reclaimPending(): number {
    return this.#calls.lazyfreePending();
  }

  get reclaimed(): number {
    return this.#calls.lazyfreed();
  }

  /** CLIENT NO-TOUCH: whether reads leave the idle clocks alone. */
  setNoTouch(on: boolean): void {
    this.#calls.setNoTouch(on ? 1 : 0);
  }
}

export { checked };
