import * as codes from "../engine/rdb_codes.ts";
import type { Engine } from "../engine/engine.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { faultText } from "../engine/rdb_faults.ts";
import { moduleName, RdbError } from "./rdb_fault.ts";

export { RdbError } from "./rdb_fault.ts";

/** What a file says besides keys; each is told when it is met. */
export interface RdbEvents {
  /** A field about the file, one char for each byte. */
  aux?(name: string, value: string): void;
  /** A library of functions. */
  function?(code: Uint8Array<ArrayBuffer>): void;
  /** A module's data, which were skipped. */
  moduleData?(module: string): void;
  select?(index: number): void;
  /** A collection without elements, which was skipped. */
  emptyKey?(key: string): void;
}

export interface RdbLoaderOptions {
  /** Bytes of the whole input; lengths that exceed it are refused at once. */
  readonly byteCount?: number;
  /** Whether the checksum counts (`rdbchecksum`). */
  readonly checksum?: boolean;
  /** Whether keys are loaded that are due already: a log's base needs them. */
  readonly keepsExpired?: boolean;
  /** Whether keys that are there are replaced; else they are an error. */
  readonly replaces?: boolean;
  /** Only checks: nothing is loaded. */
  readonly checksOnly?: boolean;
  readonly events?: RdbEvents;
}

/** What was found of one type. */
export interface RdbTally {
  readonly type: string;
  readonly keys: number;
  readonly elements: number;
  readonly bytes: number;
}

/** "more": feed it; "again": there is more to do; "done". */
export type RdbProgress = "more" | "again" | "done";

/** Keys and elements of one step. */
const STEP_OBJECTS = 4096;

const TALLIED = ["string", "list", "set", "zset", "hash"];
/** The engine's number for modules among the tallies. */
const MODULE_TALLY = 7;

/**
 * Loads an RDB file, from pieces and in slices, with the reading done in the
 * engine (wasm/rdb_load.ts):
 *
 *     const loader = new RdbLoader(engine, keyspace, { byteCount });
 *     for (const piece of pieces) {
 *       loader.feed(piece);
 *       while (loader.step() === "again") ...   // others may run here
 *     }
 *     loader.end();
 *     while (loader.step() !== "done") continue;
 *     loader.close();
 *
 * `step` throws RdbError; `close` must follow in any case. An engine loads one
 * file at a time. The engine's clock must be set, and must not be behind: it
 * decides what is due.
 */
export class RdbLoader {
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];
  readonly #keyspace: Keyspace | null;
  readonly #events: RdbEvents;
  #isDone = false;
  /** The database that keys go to. */
  #selected = 0;

  /** Without a keyspace the file can only be checked. */
  constructor(
    engine: Engine,
    keyspace: Keyspace | null,
    {
      byteCount = -1,
      checksum = true,
      keepsExpired = false,
      replaces = false,
      checksOnly = keyspace === null,
      events = {},
    }: RdbLoaderOptions = {},
  ) {
    this.#engine = engine;
    this.#calls = engine.calls;
    this.#keyspace = keyspace;
    this.#events = events;
    this.#calls.loadBegin(
      byteCount,
      (checksum ? codes.LOAD_SUM : 0) |
        (keepsExpired ? codes.LOAD_EXPIRED : 0) |
        (replaces ? codes.LOAD_REPLACE : 0) |
        (checksOnly ? codes.LOAD_CHECK_ONLY : 0),
    );
    if (keyspace) this.#calls.loadInto(keyspace.database(0).handle);
  }

  /** Adds bytes of the file; they are copied. */
  feed(bytes: Uint8Array): void {
    const address = this.#calls.sourceRoom(bytes.length) >>> 0;
    if (!address) throw this.#noMemory();
    this.#engine.memory.set(bytes, address);
    this.#calls.sourceFed(bytes.length);
  }

  /** No more bytes will come. */
  end(): void {
    this.#calls.sourceEnd();
  }

  /** Reads on, about so many keys and elements. */
  step(maxObjects: number = STEP_OBJECTS): RdbProgress {
    while (!this.#isDone) {
      const said = this.#calls.loadStep(maxObjects);
      if (said === codes.LOAD_MORE) return "more";
      if (said === codes.LOAD_BUDGET) return "again";
      if (said < 0) throw this.#failure(said);
      if (said === codes.LOAD_DONE) this.#isDone = true;
      else this.#tell(said);
    }
    return "done";
  }

  /** Gives all memory back that is not data. */
  close(): void {
    this.#calls.loadEnd();
  }

  /** How many bytes were read: once it is done, what follows is no RDB. */
  get offset(): number {
    return this.#calls.sourceOffset();
  }

  get version(): number {
    return this.#calls.loadVersion();
  }

  /** Keys that were loaded, and how many of them have a due time. */
  get keys(): number {
    return this.#calls.loadedKeys();
  }

  get dueKeys(): number {
    return this.#calls.loadedDueKeys();
  }

  /** Keys that were due already and, unless only checked, left out. */
  get expiredKeys(): number {
    return this.#calls.loadExpiredKeys();
  }

  get emptyKeys(): number {
    return this.#calls.loadEmptyKeys();
  }

  /** "none" in old files; "zero" when the writer had none. */
  get checksum(): "none" | "good" | "zero" | "unchecked" {
    const { loadChecksum } = this.#calls;
    return (["none", "good", "zero", "unchecked"] as const)[loadChecksum()];
  }

  /** What was found of each type that occurs; counted only by a check. */
  get tallies(): RdbTally[] {
    return [
      ...TALLIED.map((type, index) => this.#tally(type, index)),
      this.#tally("module", MODULE_TALLY),
    ].filter(({ keys }) => keys > 0);
  }

  #tally(type: string, index: number): RdbTally {
    const [keys, elements, bytes] = [0, 1, 2].map((what) =>
      this.#calls.loadTally(index, what)
    );
    return { type, keys, elements, bytes };
  }

  #tell(said: number): void {
    const events = this.#events;
    if (said === codes.LOAD_SELECT) this.#select(Number(this.#number));
    else if (said === codes.LOAD_AUX) events.aux?.(this.#name, this.#value);
    else if (said === codes.LOAD_FUNCTION) events.function?.(this.#valueBytes);
    else if (said === codes.LOAD_EMPTY_KEY) events.emptyKey?.(this.#name);
    else events.moduleData?.(moduleName(this.#number));
  }

  #select(index: number): void {
    this.#selected = index;
    this.#events.select?.(index);
    if (!this.#keyspace) return;
    const { databaseCount } = this.#keyspace;
    if (index >= databaseCount) {
      const expected =
        `expected a database below ${databaseCount}, got ${index}: raise ` +
        "`databases`";
      throw new RdbError(this.offset, expected, null, -1, 0);
    }
    this.#calls.loadInto(this.#keyspace.database(index).handle);
  }

  get #name(): string {
    const { loadNameBytes, loadNamePtr } = this.#calls;
    return this.#latin1(loadNamePtr(), loadNameBytes());
  }

  get #value(): string {
    const { loadValueBytes, loadValuePtr } = this.#calls;
    return this.#latin1(loadValuePtr(), loadValueBytes());
  }

  get #valueBytes(): Uint8Array<ArrayBuffer> {
    const { loadValueBytes, loadValuePtr } = this.#calls;
    return this.#engine.copy(loadValuePtr() >>> 0, loadValueBytes() >>> 0);
  }

  get #number(): bigint {
    const { loadNumberHigh, loadNumberLow } = this.#calls;
    return BigInt(loadNumberHigh() >>> 0) << 32n |
      BigInt(loadNumberLow() >>> 0);
  }

  /** What was being read when it failed. */
  #failure(code: number): RdbError {
    if (code !== codes.LOAD_CORRUPT) return this.#noMemory();
    const calls = this.#calls;
    const fault = calls.sourceFault();
    const type = calls.loadKeyType();
    const key = type < 0
      ? null
      : this.#latin1(calls.loadKeyPtr(), calls.loadKeyBytes());
    const expected = fault === codes.FAULT_DUPLICATE_KEY
      ? `RDB has duplicated key '${key}' in DB ${this.#selected}`
      : faultText(fault, type);
    return new RdbError(calls.sourceFaultOffset(), expected, key, type, fault);
  }

  #noMemory(): RdbError {
    return new RdbError(this.offset, "no memory for more", null, -1, 0);
  }

  #latin1(address: number, byteCount: number): string {
    const bytes = this.#engine.copy(address >>> 0, byteCount >>> 0);
    let text = "";
    for (let at = 0; at < bytes.length; at += 4096) {
      text += String.fromCharCode(...bytes.subarray(at, at + 4096));
    }
    return text;
  }
}
