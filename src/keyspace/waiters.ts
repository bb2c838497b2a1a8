import * as codes from "../engine/codes.ts";
import { checked } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import { TYPE_NAMES, type TypeName } from "./kinds.ts";

/** Who waits for keys, which is the business of `Waiters`. */
export interface Waiter {
  /** His places here, ... */
  places: Place<this>[];
  /** ... or his wait in the engine (wasm/waits.ts), 0 for none. */
  engineWait: number;
}

/**
 * A waiter's place in the queue of one key. Places link themselves: a Set for
 * each key was the most of what waiting gave the garbage collector to do.
 */
export interface Place<T> {
  readonly waiter: T;
  readonly queue: Queue<T>;
  before: Place<T> | null;
  behind: Place<T> | null;
}

/** Those who wait for one key, in the order in which they came. */
interface Queue<T> {
  /** The engine's name of the key. */
  readonly key: number;
  readonly database: number;
  first: Place<T> | null;
  last: Place<T> | null;
}

/**
 * Who waits for which keys, first come first served. The engine notes which of
 * these keys have come in (wasm/awaited.ts); whoever has changed data then asks
 * for them here, when the change is over.
 *
 * Some wait in the engine, which serves them by itself. As soon as anything
 * happens to their key that it leaves to us, or somebody else waits for it too,
 * they get places here in their order.
 */
export class Waiters<T extends Waiter> {
  readonly #keyspace: Keyspace;
  readonly #calls: Engine["calls"];
  readonly #queues = new Map<number, Queue<T>>();
  /** Those who wait in the engine, by their waits. */
  readonly #inEngine = new Map<number, T>();
  #count = 0;

  constructor(engine: Engine, keyspace: Keyspace) {
    this.#calls = engine.calls;
    this.#keyspace = keyspace;
  }

  /** How many wait. */
  get count(): number {
    return this.#count;
  }

  /** For how many keys. */
  get keyCount(): number {
    return this.#count === 0 ? 0 : this.#calls.awaitedCount() >>> 0;
  }

  /** Whether a key has come in that was not offered yet. */
  get hasArrivals(): boolean {
    return this.#count > 0 && this.#calls.hasReady() !== 0;
  }

  has(waiter: T): boolean {
    return waiter.places.length > 0 || waiter.engineWait !== 0;
  }

  /** Somebody has begun to wait in the engine. */
  addInEngine(waiter: T, engineWait: number): void {
    this.#count++;
    waiter.engineWait = engineWait;
    this.#inEngine.set(engineWait, waiter);
  }

  /** The engine has served somebody, who is no waiter any more. */
  served(engineWait: number): T {
    this.#count--;
    return this.#takeOut(engineWait);
  }

  #takeOut(engineWait: number): T {
    const waiter = this.#inEngine.get(engineWait)!;
    this.#inEngine.delete(engineWait);
    waiter.engineWait = 0;
    return waiter;
  }

  /** Nobody waits in the engine any more. */
  takeOverAll(): void {
    for (const engineWait of [...this.#inEngine.keys()]) {
      if (!this.#inEngine.has(engineWait)) continue;
      this.#takeOver(this.#calls.waitKey(engineWait) >>> 0);
    }
  }

  /** Those who wait for a key in the engine wait for it here from now on. */
  #takeOver(key: number): void {
    if (this.#inEngine.size === 0) return;
    for (;;) {
      const engineWait = this.#calls.takeWait(key) >>> 0;
      if (engineWait === 0) return;
      const waiter = this.#takeOut(engineWait);
      const queue = this.#queueOf(key, this.#calls.awaitedDatabase(key));
      waiter.places.push(join(queue, waiter));
    }
  }

  /** Somebody waits for the keys of so many arguments, from the first one on. */
  add(waiter: T, db: Database, firstKey: number, keyCount: number): void {
    this.#count++;
    for (let key = firstKey; key < firstKey + keyCount; key++) {
      const awaited = this.#calls.awaitKey(db.handle, key) >>> 0;
      if (awaited === 0) {
        this.remove(waiter);
        checked(codes.OUT_OF_MEMORY);
      }
      this.#takeOver(awaited);
      const queue = this.#queueOf(awaited, db.index);
      // A key that is named twice gives one place.
      if (queue.last?.waiter !== waiter) {
        waiter.places.push(join(queue, waiter));
      }
    }
  }

  #queueOf(key: number, database: number): Queue<T> {
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = { key, database, first: null, last: null };
      this.#queues.set(key, queue);
    }
    return queue;
  }

  remove(waiter: T): void {
    this.#count--;
    if (waiter.engineWait !== 0) {
      this.#calls.leaveWait(waiter.engineWait);
      this.#takeOut(waiter.engineWait);
      return;
    }
    for (const place of waiter.places) {
      const { queue } = place;
      leave(place);
      if (queue.first !== null) continue;
      this.#queues.delete(queue.key);
      this.#calls.awaitNoMore(queue.key);
    }
    waiter.places = [];
  }

  /**
   * Offers the keys that have come in to those who wait for them, until each is
   * gone or everybody has been asked. Who has taken something must be removed
   * before the next one is asked.
   */
  offer(ask: (waiter: T, type: TypeName) => void): void {
    while (this.#count > 0) {
      const key = this.#calls.takeReady() >>> 0;
      this.#takeOver(key);
      const queue = this.#queues.get(key);
      if (queue === undefined) return;
      // Whoever is removed keeps the way to the next one.
      let place = queue.first;
      for (; place !== null && queue.first !== null; place = place.behind) {
        const type = this.#typeIn(queue);
        if (type === null) break;
        if (this.has(place.waiter)) ask(place.waiter, type);
      }
    }
  }

  /** Null when there is no key any more. */
  #typeIn({ key, database }: Queue<T>): TypeName | null {
    const { handle } = this.#keyspace.database(database);
    const type = this.#calls.awaitedType(key, handle);
    return type < 0 ? null : TYPE_NAMES[type];
  }
}

function join<T>(queue: Queue<T>, waiter: T): Place<T> {
  const place = { waiter, queue, before: queue.last, behind: null };
  if (queue.last === null) queue.first = place;
  else queue.last.behind = place;
  queue.last = place;
  return place;
}

function leave<T>({ queue, before, behind }: Place<T>): void {
  if (before === null) queue.first = behind;
  else before.behind = behind;
  if (behind === null) queue.last = before;
  else behind.before = before;
}
