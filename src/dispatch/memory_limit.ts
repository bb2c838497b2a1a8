import type { Command } from "../commands/define/command.ts";
import { DENY_OOM, WRITE } from "../commands/define/flags.ts";
import * as codes from "../engine/codes.ts";
import { Condition } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import { engineFull, outOfMemory } from "../protocol/errors.ts";
import type { LatencyEvent } from "../protocol/latency_events.ts";

/** Keys are evicted so many steps at a time, then the clock is looked at. */
const STEPS = 64;
/** The same for what has just come in. */
const TURN_STEPS = 256;
/** A command that is refused again and again gets twice as much room. */
const ATTEMPTS_MAX = 40;
/** What connections hold is added up no more often than this ... */
const OUTSIDE_EVERY_MS = 1;
/** ... and takes no larger part of the time than one in so many. */
const OUTSIDE_SHARE = 50;
/** Nothing is bounded further up: the engine's memory ends soon behind it. */
const ENGINE_MAX_BYTES = 0xf0000000;

/**
 * Commands that may have done half of their work when they find no memory. They
 * cannot be tried again; they get some room instead.
 */
const NOT_REPEATABLE = new Set([
  "HEXPIRE",
  "HPEXPIRE",
  "HEXPIREAT",
  "HPEXPIREAT",
  "HPERSIST",
  "HGETEX",
]);
const NOT_REPEATABLE_BYTES = 65536;
const NOT_REPEATABLE_SHARE = 64;

/** The current command, which may have to be tried again. */
export interface Attempt<Result> {
  run(): Result;
  /** Takes back what a failed attempt has left in the reply. */
  reset(): void;
}

/** Whom to evict: one of EVICT_..., and whether only keys with a due time. */
export interface EvictionPolicy {
  readonly kind: number;
  readonly isVolatile: boolean;
  readonly sampleCount: number;
}

/**
 * maxmemory: keys are evicted before a command that needs their room, so that
 * the limit is never passed; where nobody may be evicted, the command is
 * refused.
 *
 * What a command needs is not known before. The engine refuses what does not
 * fit while it is executed (wasm/memory_limit.ts); a command that finds no
 * memory has changed nothing, so it is tried again after others have gone.
 */
export class MemoryLimit {
  /** How long a command may evict for what was above the limit before it. */
  timeLimitMs = 0.5;
  /** What TypeScript holds that counts: connections and what they wait for. */
  outsideBytes: () => number = () => 0;
  /** Eviction went on for so long, as LATENCY names it. */
  observe: (event: LatencyEvent, ms: number) => void = () => {};
  /** More is above the limit than one command may evict. */
  unfinished: () => void = () => {};
  #bytes = Infinity;
  #suspendedCount = 0;
  #policy: EvictionPolicy = NOBODY;
  #outsideAtMs = 0;
  #outsideCostMs = 0;
  #exceededSinceMs: number | null = null;
  #exceededMs = 0;
  readonly #calls: Engine["calls"];

  constructor(engine: Engine) {
    this.#calls = engine.calls;
  }

  /** maxmemory, Infinity for none. */
  get bytes(): number {
    return this.#bytes;
  }

  set bytes(byteCount: number) {
    this.#bytes = byteCount;
    this.#apply();
  }

  /**
   * Until it is resumed as often, there is no limit: data come back from a
   * file, or no data may go in a pause.
   */
  suspend(): void {
    this.#suspendedCount++;
    this.#apply();
  }

  resume(): void {
    this.#suspendedCount--;
    this.#apply();
  }

  /** Whether there is a limit now. */
  get isOn(): boolean {
    return this.#bytes < Infinity && this.#suspendedCount === 0;
  }

  set policy(policy: EvictionPolicy) {
    this.#policy = policy;
    const { kind, isVolatile, sampleCount } = policy;
    this.#calls.setVictims(kind, isVolatile ? 1 : 0, sampleCount);
    this.#apply();
  }

  #apply(): void {
    const evicts = this.#policy.kind !== codes.EVICT_NOBODY;
    const most = evicts ? ENGINE_MAX_BYTES : Infinity;
    const bytes = this.isOn ? Math.min(this.#bytes, most) : Infinity;
    this.#calls.setMemoryLimit(bytes);
    this.#outsideAtMs = 0;
    this.refresh();
  }

  /**
   * Bytes of a client come in. They count from then on: data make room for a
   * long argument while it is still on its way.
   */
  beginTurn(): void {
    if (!this.isOn) return;
    this.refresh();
    if (this.#calls.isOverLimit()) this.#calls.evict(0, TURN_STEPS);
  }

  /** Looks at what has come and gone outside of the engine. */
  refresh(): void {
    if (!this.isOn) return;
    const now = performance.now();
    const wait = Math.max(
      OUTSIDE_EVERY_MS,
      OUTSIDE_SHARE * this.#outsideCostMs,
    );
    if (now - this.#outsideAtMs < wait) return;
    this.#calls.setOutsideBytes(this.outsideBytes());
    this.#outsideAtMs = performance.now();
    this.#outsideCostMs = this.#outsideAtMs - now;
  }

  /**
   * Before a command, whatever it does: makes room for what it brings, and for
   * what was above the limit before. Throws when it would add to that.
   */
  admit(flags: number, byteCount = this.#calls.commandRoom()): void {
    this.refresh();
    const adds = (flags & DENY_OOM) !== 0;
    // For itself it evicts as much as it must, for others only for a while.
    const own = this.#calls.commandInput();
    const isFull = this.#makeRoom(adds ? byteCount : 0, own) === "nobody";
    if (isFull && adds && this.#calls.isOverLimit()) throw outOfMemory;
  }

  /** Lets a command's handler run, with room for what it needs. */
  run<Result>(command: Command, attempt: Attempt<Result>): Result {
    const { flagBits, name } = command;
    if (!this.isOn || !(flagBits & WRITE)) return attempt.run();
    if (NOT_REPEATABLE.has(name)) {
      const share = this.#bytes / NOT_REPEATABLE_SHARE;
      this.#makeRoom(Math.min(NOT_REPEATABLE_BYTES, share));
      return attempt.run();
    }
    for (let count = 0; count < ATTEMPTS_MAX; count++) {
      // It was admitted all the same: eviction will go on after it.
      if (this.#calls.isOverLimit()) break;
      this.#calls.beginBounded();
      try {
        return attempt.run();
      } catch (thrown) {
        const lack = this.#calls.refusedBytes();
        if (lack === 0 || !isWantOfMemory(thrown)) throw thrown;
        attempt.reset();
        const need = this.#calls.freeRoom() + lack * 2 ** count;
        if (this.#makeRoom(need) !== "nobody") continue;
        if (flagBits & DENY_OOM) throw outOfMemory;
        break;
      } finally {
        this.#calls.endBounded();
      }
    }
    return attempt.run();
  }

  /** Evicts what is above the limit, for a while; whether there is more. */
  evictSlice(): boolean {
    if (!this.isOn) return false;
    this.refresh();
    return this.#makeRoom(0) === "unfinished";
  }

  /** How long more than the limit has been in use, in ms: in all, and now. */
  get exceeded(): { totalMs: number; currentMs: number } {
    const since = this.#exceededSinceMs;
    const currentMs = since === null ? 0 : performance.now() - since;
    return { totalMs: this.#exceededMs + currentMs, currentMs };
  }

  resetStatistics(): void {
    this.#exceededMs = 0;
    this.#exceededSinceMs = null;
  }

  /**
   * Evicts until so many bytes fit. What is above the limit already, and is not
   * the command's `own`, may take only so long: the rest is left "unfinished".
   * With "nobody" left to evict, the bytes do not fit.
   */
  #makeRoom(byteCount: number, own = 0): "done" | "unfinished" | "nobody" {
    const calls = this.#calls;
    let code = calls.evict(byteCount, 0);
    if (code === codes.EVICTION_UNFINISHED) {
      const startedMs = performance.now();
      const endMs = startedMs + this.timeLimitMs;
      do code = calls.evict(byteCount, STEPS); while (
        code === codes.EVICTION_UNFINISHED &&
        !(calls.excessBytes() > own && performance.now() > endMs)
      );
      if (this.#policy.kind !== codes.EVICT_NOBODY) {
        this.observe("eviction-cycle", performance.now() - startedMs);
      }
    }
    this.#noteExcess();
    if (code === codes.EVICTION_DONE) return "done";
    if (code === codes.EVICTION_EXHAUSTED) return "nobody";
    this.unfinished();
    return "unfinished";
  }

  #noteExcess(): void {
    const since = this.#exceededSinceMs;
    if (this.#calls.isOverLimit()) {
      this.#exceededSinceMs = since ?? performance.now();
    } else if (since !== null) {
      this.#exceededMs += performance.now() - since;
      this.#exceededSinceMs = null;
    }
  }
}

const NOBODY: EvictionPolicy = {
  kind: codes.EVICT_NOBODY,
  isVolatile: false,
  sampleCount: 5,
};

function isWantOfMemory(thrown: unknown): boolean {
  return thrown === engineFull ||
    (thrown instanceof Condition && thrown.code === codes.OUT_OF_MEMORY);
}
