import type { TrackingFace, TrackingOptions } from "../commands/call.ts";
import type { Engine } from "../engine/engine.ts";
import { Broadcasts } from "./broadcasts.ts";
import { brokenRedirect, Invalidation, joined } from "./messages.ts";
import { takeNotes } from "./notes.ts";
import { ClientTracking, type Tracker } from "./state.ts";

/** A table that is too full is brought down by so many keys at a time. */
const LIMIT_STEP = 100;
const NUMBER_MAX = 2 ** 32 - 1;

/**
 * Client-side caching: who is told that a key has changed. Which client has
 * read which key, the engine knows (wasm/tracked.ts); it notes what has changed,
 * and `tell` turns that into messages.
 *
 * Whoever lets commands be executed calls `tell` when one is over or several
 * have been, before the client gets to see more: what a client has changed
 * itself it learns right after the reply. `endTurn` follows when the turn is
 * over.
 */
export class Tracking implements TrackingFace {
  /** Whether any client tracks. */
  isOn = false;
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];
  readonly #find: (id: number) => Tracker | undefined;
  readonly #trackers = new Map<number, Tracker>();
  readonly #broadcasts: Broadcasts;
  #maxKeys = Infinity;
  #lastNumber = 0;
  /** How often in a row the table was found too full. */
  #tooFullCount = 0;

  /** `find` gives the connected client with an id. */
  constructor(engine: Engine, find: (id: number) => Tracker | undefined) {
    this.#engine = engine;
    this.#calls = engine.calls;
    this.#find = find;
    this.#broadcasts = new Broadcasts(engine);
  }

  /** How many clients track. */
  get count(): number {
    return this.#trackers.size;
  }

  get keyCount(): number {
    return this.#calls.trackedKeyCount() >>> 0;
  }

  /** Keys, each as often as there are clients who have read it. */
  get itemCount(): number {
    return this.#calls.trackedItemCount();
  }

  get prefixCount(): number {
    return this.#broadcasts.count;
  }

  /** Whether a client with this id could be told something. */
  canReach(id: number): boolean {
    return this.#find(id) !== undefined;
  }

  /** Throws when there is no memory. */
  enable(tracker: Tracker, options: TrackingOptions): void {
    let state = tracker.tracking;
    if (state === null) {
      state = new ClientTracking(this.#freeNumber(), options);
      this.#trackers.set(state.number, tracker);
      this.#follow();
      tracker.tracking = state;
    }
    state.options = options;
    state.isBroken = false;
    if (!options.isBroadcast) return;
    for (
      const prefix of options.prefixes.length > 0 ? options.prefixes : [""]
    ) {
      this.#broadcasts.add(prefix, tracker);
      state.prefixes.add(prefix);
    }
  }

  disable(tracker: Tracker): void {
    const { tracking } = tracker;
    if (tracking === null) return;
    for (const prefix of tracking.prefixes) {
      this.#broadcasts.remove(prefix, tracker);
    }
    this.#trackers.delete(tracking.number);
    tracker.tracking = null;
    this.#follow();
  }

  /** Somebody has come or gone. */
  #follow(): void {
    const isOn = this.#trackers.size > 0;
    if (isOn === this.isOn) return;
    this.isOn = isOn;
    this.#calls.setTracking(isOn ? 1 : 0);
    // What was noted for those who have gone is nobody's any more.
    this.#calls.takeTrackedNotes();
  }

  /** Its number is not that of another one, nor was so lately. */
  #freeNumber(): number {
    do {
      this.#lastNumber = this.#lastNumber % NUMBER_MAX + 1;
    } while (this.#trackers.has(this.#lastNumber));
    return this.#lastNumber;
  }

  /** A client has read the keys of these arguments. */
  remember(tracker: Tracker, keys: Iterable<number>): void {
    const { tracking } = tracker;
    if (tracking === null || !tracking.remembers) return;
    for (const key of keys) this.#calls.trackKey(tracking.number, key);
  }

  /**
   * Tells who has it in his cache what has changed. `by` is who has done it;
   * null when it was no client, or none who wants to be spared.
   */
  tell(by: Tracker | null): void {
    if (!this.isOn || this.#calls.hasTrackedNotes() === 0) return;
    const outgoing = new Outgoing(this.#find);
    for (const note of takeNotes(this.#engine)) {
      if (note.key === null) {
        for (const tracker of this.#trackers.values()) {
          outgoing.add(tracker, EVERYTHING);
        }
        continue;
      }
      // What was due, or in the way, nobody has done himself.
      const changedBy = note.isNobodys ? null : by;
      if (note.isBroadcast) this.#broadcasts.note(note.key, changedBy);
      if (note.trackers.length === 0) continue;
      const message = new Invalidation([note.key]);
      for (const number of note.trackers) {
        const tracker = this.#trackers.get(number);
        if (tracker === undefined || isSpared(tracker, changedBy)) continue;
        outgoing.add(tracker, message);
      }
    }
    outgoing.send();
  }

  /**
   * The turn is over: tells what has changed in it of whole prefixes, and keeps
   * the table within its bounds.
   */
  endTurn(): void {
    if (!this.isOn) return;
    this.limit();
    if (this.#broadcasts.count === 0) return;
    const outgoing = new Outgoing(this.#find);
    this.#broadcasts.tell((tracker, message) => outgoing.add(tracker, message));
    outgoing.send();
  }

  /** How many keys the table may have. */
  set maxKeys(count: number) {
    this.#maxKeys = count;
    this.limit();
  }

  /**
   * Forgets some keys if there are too many, and tells who has read them: more
   * of them each time that it was not enough.
   */
  limit(): void {
    if (!this.isOn || this.keyCount <= this.#maxKeys) {
      this.#tooFullCount = 0;
      return;
    }
    this.#tooFullCount++;
    const maxCount = LIMIT_STEP * this.#tooFullCount;
    this.#calls.limitTracked(this.#maxKeys, maxCount);
    this.tell(null);
  }
}

/** Who has done it himself and does not want to hear of it. */
function isSpared(tracker: Tracker, by: Tracker | null): boolean {
  const { options } = tracker.tracking!;
  return options.isBroadcast || (options.noLoop && tracker === by);
}

const EVERYTHING = new Invalidation(null);

/** What goes out at once: each connection gets all that is for it in one piece. */
class Outgoing {
  readonly #find: (id: number) => Tracker | undefined;
  readonly #parts = new Map<Tracker, Uint8Array[]>();

  constructor(find: (id: number) => Tracker | undefined) {
    this.#find = find;
  }

  add(tracker: Tracker, message: Invalidation): void {
    const state = tracker.tracking!;
    const { redirect } = state.options;
    const target = redirect === 0 ? tracker : this.#find(redirect);
    if (target === undefined) {
      state.isBroken = true;
      if (tracker.resp === 3) this.#put(tracker, brokenRedirect(redirect));
    } else if (target.resp === 3) this.#put(target, message.in(3));
    // In the older protocol only a subscriber expects anything.
    else if (redirect !== 0 && target.subscriptions !== null) {
      this.#put(target, message.in(2));
    }
  }

  send(): void {
    for (const [target, parts] of this.#parts) target.deliver(joined(parts));
  }

  #put(target: Tracker, bytes: Uint8Array): void {
    const parts = this.#parts.get(target);
    if (parts === undefined) this.#parts.set(target, [bytes]);
    else parts.push(bytes);
  }
}
