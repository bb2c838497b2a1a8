import * as codes from "../engine/codes.ts";
import { checked } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import { TYPE_NAMES, type TypeName } from "./kinds.ts";

/** Those who wait for one key, in the order in which they came. */
interface Queue<T> {
  /** The engine's name of the key. */
  readonly key: number;
  readonly database: number;
  readonly waiters: Set<T>;
}

/**
 * Who waits for which keys, first come first served. The engine notes which of
 * these keys have come in (wasm/awaited.ts); whoever has changed data then asks
 * for them here, when the change is over.
 */
export class Waiters<T> {
  readonly #keyspace: Keyspace;
  readonly #calls: Engine["calls"];
  readonly #queues = new Map<number, Queue<T>>();
  readonly #queuesOf = new Map<T, Queue<T>[]>();

  constructor(engine: Engine, keyspace: Keyspace) {
    this.#calls = engine.calls;
    this.#keyspace = keyspace;
  }

  /** How many wait. */
  get count(): number {
    return this.#queuesOf.size;
  }

  /** For how many keys. */
  get keyCount(): number {
    return this.#queues.size;
  }

  /** Whether a key has come in that was not offered yet. */
  get hasArrivals(): boolean {
    return this.count > 0 && this.#calls.hasReady() !== 0;
  }

  has(waiter: T): boolean {
    return this.#queuesOf.has(waiter);
  }

  /** Somebody waits for the keys of so many arguments, from the first one on. */
  add(waiter: T, db: Database, firstKey: number, keyCount: number): void {
    const mine: Queue<T>[] = [];
    this.#queuesOf.set(waiter, mine);
    for (let key = firstKey; key < firstKey + keyCount; key++) {
      const awaited = this.#calls.awaitKey(db.handle, key) >>> 0;
      if (awaited === 0) {
        this.remove(waiter);
        checked(codes.OUT_OF_MEMORY);
      }
      const queue = this.#queueOf(awaited, db.index);
      if (queue.waiters.has(waiter)) continue;
      queue.waiters.add(waiter);
      mine.push(queue);
    }
  }

  #queueOf(key: number, database: number): Queue<T> {
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = { key, database, waiters: new Set() };
      this.#queues.set(key, queue);
    }
    return queue;
  }

  remove(waiter: T): void {
    for (const { key, waiters } of this.#queuesOf.get(waiter) ?? []) {
      waiters.delete(waiter);
      if (waiters.size > 0) continue;
      this.#queues.delete(key);
      this.#calls.awaitNoMore(key);
    }
    this.#queuesOf.delete(waiter);
  }

  /**
   * Offers the keys that have come in to those who wait for them, until each is
   * gone or everybody has been asked. Who has taken something must be removed
   * before the next one is asked.
   */
  offer(ask: (waiter: T, type: TypeName) => void): void {
    while (this.count > 0) {
      const queue = this.#queues.get(this.#calls.takeReady() >>> 0);
      if (queue === undefined) return;
      for (const waiter of queue.waiters) {
        const type = this.#typeIn(queue);
        if (type === null) break;
        ask(waiter, type);
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
