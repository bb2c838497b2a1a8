import type { Engine } from "../engine/engine.ts";
import { engineFull } from "../protocol/errors.ts";
import { bytesOfLatin1, latin1Of } from "../protocol/text.ts";
import { Invalidation } from "./messages.ts";
import type { Tracker } from "./state.ts";

/** What is to be told about a prefix, and to whom. */
interface Broadcast {
  /** The engine's name of the prefix. */
  readonly handle: number;
  readonly trackers: Set<Tracker>;
  /** Changed keys, and who has done it last; null for none of the clients. */
  readonly keys: Map<string, Tracker | null>;
}

/**
 * Who is told of all keys with a prefix, whether he has read them or not. What
 * changes in one turn of the loop is told in one message for each prefix.
 * Prefixes and keys are strings with a char a byte.
 */
export class Broadcasts {
  readonly #engine: Engine;
  readonly #prefixes = new Map<string, Broadcast>();
  #hasKeys = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** How many prefixes there are. */
  get count(): number {
    return this.#prefixes.size;
  }

  /** Throws when there is no memory. */
  add(prefix: string, tracker: Tracker): void {
    let broadcast = this.#prefixes.get(prefix);
    if (broadcast === undefined) {
      const argument = this.#engine.pushArgument(bytesOfLatin1(prefix));
      const handle = this.#engine.calls.addPrefix(argument) >>> 0;
      if (handle === 0) throw engineFull;
      broadcast = { handle, trackers: new Set(), keys: new Map() };
      this.#prefixes.set(prefix, broadcast);
    }
    broadcast.trackers.add(tracker);
  }

  remove(prefix: string, tracker: Tracker): void {
    const broadcast = this.#prefixes.get(prefix);
    if (broadcast === undefined) return;
    broadcast.trackers.delete(tracker);
    if (broadcast.trackers.size > 0) return;
    this.#prefixes.delete(prefix);
    this.#engine.calls.removePrefix(broadcast.handle);
  }

  /** A key has changed. */
  note(key: Uint8Array, by: Tracker | null): void {
    const name = latin1Of(key);
    for (const [prefix, { keys }] of this.#prefixes) {
      if (name.startsWith(prefix)) keys.set(name, by);
    }
    this.#hasKeys = true;
  }

  /** Tells what has changed, each prefix for itself and in order. */
  tell(send: (tracker: Tracker, message: Invalidation) => void): void {
    if (!this.#hasKeys) return;
    this.#hasKeys = false;
    for (const prefix of [...this.#prefixes.keys()].sort()) {
      const { trackers, keys } = this.#prefixes.get(prefix)!;
      if (keys.size === 0) continue;
      const names = [...keys.keys()].sort();
      const message = messageOf(names);
      for (const tracker of trackers) {
        const own = tracker.tracking?.options.noLoop
          ? messageOf(names.filter((name) => keys.get(name) !== tracker))
          : message;
        if (own !== null) send(tracker, own);
      }
      keys.clear();
    }
  }
}

function messageOf(names: readonly string[]): Invalidation | null {
  return names.length > 0 ? new Invalidation(names.map(bytesOfLatin1)) : null;
}
