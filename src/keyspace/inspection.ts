import { checked, MISSING } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Database } from "./database.ts";
import { type Kind, kindNamed } from "./kinds.ts";

/** How entries are spread over a table. */
export interface TableShape {
  readonly bucketCount: number;
  readonly entryCount: number;
  /** Buckets that had to be added to chains. */
  readonly overflowCount: number;
  /** Entries in the longest chain. */
  readonly longestChain: number;
  /** How many chains have so many entries; the last counts longer ones too. */
  readonly chainCounts: readonly number[];
}

/** How a list of many nodes is laid out. */
export interface QuicklistShape {
  readonly nodeCount: number;
  readonly elementCount: number;
  /** list-max-listpack-size and list-compress-depth, as it was made with. */
  readonly fill: number;
  readonly depth: number;
  /** Bytes of all nodes without compression. */
  readonly byteCount: number;
}

const CHAIN_KINDS = 64;

/**
 * What only DEBUG, MEMORY and INFO want to know of a database. Keys are named
 * by argument index. Looking changes nothing: keys that are due and still
 * there are seen, and no access field moves.
 */
export class Inspection {
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];
  readonly #database: Database;

  constructor(engine: Engine, database: Database) {
    this.#engine = engine;
    this.#calls = engine.calls;
    this.#database = database;
  }

  /** Where a key's entry lies in the engine's memory, 0 when there is none. */
  address(key: number): number {
    return this.#calls.addressOf(this.#database.handle, key) >>> 0;
  }

  /** What is under a key and how it is stored; for a key that is there. */
  kind(key: number): Kind {
    return kindNamed(this.#calls.storedKindOf(this.#database.handle, key));
  }

  /** The clock or counter of a key as it is stored, or MISSING. */
  access(key: number): number {
    return this.#calls.accessOf(this.#database.handle, key);
  }

  /** Seconds since the last use, or MISSING. */
  idleSeconds(key: number): number {
    return this.#calls.storedIdleOf(this.#database.handle, key);
  }

  /** Bytes of a value in an RDB file, or MISSING. */
  savedBytes(key: number): number {
    return checked(this.#calls.savedBytesOf(this.#database.handle, key));
  }

  /** DEBUG DIGEST-VALUE: forty digits, zeros for a key that is not there. */
  digest(key: number): string {
    checked(this.#calls.digestKeyValue(this.#database.handle, key));
    return digestText(this.#engine);
  }

  /** Bytes of the table and of what each key has beside key and value. */
  get keyOverhead(): number {
    return this.#calls.keyOverhead(this.#database.handle);
  }

  /** Bytes of the due times. */
  get dueOverhead(): number {
    return this.#calls.dueOverhead(this.#database.handle);
  }

  /** How long keys with a due time have to live, in the mean of a sample. */
  get meanLifetimeMs(): number {
    return this.#calls.meanLifetime(this.#database.handle);
  }

  get bucketCount(): number {
    return this.#calls.bucketsOf(this.#database.handle) >>> 0;
  }

  /** The shape of the database's own table; walks all of it. */
  tableShape(): TableShape {
    return this.#shapeOf(this.#database.handle);
  }

  /** That of the table under a key; null when its value has none. */
  tableShapeUnder(key: number): TableShape | null {
    const { handle } = this.#database;
    const table = this.#calls.tableUnder(handle, key) >>> 0;
    return table === 0 ? null : this.#shapeOf(table);
  }

  #shapeOf(table: number): TableShape {
    const longestChain = this.#calls.countChains(table) >>> 0;
    return {
      bucketCount: this.#calls.bucketsOf(table) >>> 0,
      entryCount: this.#calls.entriesOf(table) >>> 0,
      overflowCount: this.#calls.overflowBucketsOf(table) >>> 0,
      longestChain,
      chainCounts: Array.from(
        { length: CHAIN_KINDS },
        (_, length) => this.#calls.chainsOfLength(length) >>> 0,
      ),
    };
  }

  /** How a list of many nodes is laid out; null for anything else. */
  quicklist(key: number): QuicklistShape | null {
    const fact = (number: number) =>
      this.#calls.quicklistFact(this.#database.handle, key, number);
    if (fact(0) === MISSING) return null;
    const [nodeCount, elementCount, fill, depth, byteCount] = //
      [0, 1, 2, 3, 4].map(fact);
    return { nodeCount, elementCount, fill, depth, byteCount };
  }

  /**
   * DEBUG POPULATE: `prefix:0` and so on, where they are not there yet, with
   * values `value:0` and so on, of `valueBytes` unless that is 0.
   */
  populate(count: number, prefix: number, valueBytes: number): void {
    const { populate } = this.#calls;
    checked(populate(this.#database.handle, count, prefix, valueBytes));
  }
}

/** The digest of all databases. */
export function digestOf(
  engine: Engine,
  databases: Iterable<Database>,
): string {
  engine.calls.digestBegin();
  for (const { handle, index } of databases) {
    checked(engine.calls.digestDatabase(handle, index));
  }
  return digestText(engine);
}

/** The parts that data are made of, and how many bytes each one takes. */
export function structSizes({ calls }: Engine): Record<string, number> {
  return Object.fromEntries(
    STRUCTS.map((name, index) => [name, calls.structBytes(index) >>> 0]),
  );
}

/** In the order of the engine's numbers. */
const STRUCTS = ["entry", "due", "bucket", "heapelement", "rawstring"];

const DIGEST_BYTES = 20;

function digestText(engine: Engine): string {
  return engine.copy(engine.calls.digestPtr() >>> 0, DIGEST_BYTES).toHex();
}
