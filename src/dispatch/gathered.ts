import {
  GATHERED_BYTES,
  GATHERED_SERVED,
  GATHERED_SERVED_BYTES,
  GATHERED_SHARE_BYTES,
  GATHERED_SHARES,
} from "../engine/codes.ts";
import type { Engine } from "../engine/engine.ts";
import { takeShared } from "../protocol/chunks.ts";
import type { ClientSession } from "./session.ts";

/** Longer chunks bring enough commands of their own to look ahead at. */
const CHUNK_MAX_BYTES = 8192;

// A share's words, as wasm/gathered.ts describes them.
const SHARE_WORDS = GATHERED_SHARE_BYTES / 4;
const ADDRESS = 0, BYTE_COUNT = 1, DATABASE = 2, RESP = 3;
const USED = 4, REPLIES_END = 5, OPERATION = 6, HAS_GAP = 7;
const PERMISSION = 8, TRACKER = 9;
const WAIT = 10, QUEUE = 11, SECONDS = 12;

// Those served: their count, and the words of each.
const SERVED = GATHERED_SHARES * SHARE_WORDS;
const SERVED_WORDS = GATHERED_SERVED_BYTES / 4;
const SERVED_SHARE = 0, SERVED_WAIT = 1, SERVED_END = 2, SERVED_GAP = 3;
const ALL_WORDS = SERVED + 1 + GATHERED_SERVED * SERVED_WORDS;

export interface GatheredHost {
  /** What the engine may execute of it, as `run` gets it; 0 for nothing. */
  permissionOf(session: ClientSession): number;
  /** A session's database in the engine. */
  databaseOf(session: ClientSession): number;
  /** A session's replies, and the operation that gave the last of them. */
  replied(session: ClientSession, bytes: Uint8Array, operation: number): void;
  /** A session's last command waits in the engine, for so long. */
  waits(session: ClientSession, begun: BegunWait): void;
  /** The engine has served one who waits in it. */
  served(wait: number, bytes: Uint8Array, hasGap: boolean): void;
  /** A reply was dropped for want of memory: the stream has a gap. */
  broken(session: ClientSession): void;
}

/** A wait of the engine, and what it is for. */
export interface BegunWait {
  readonly operation: number;
  readonly wait: number;
  /** The engine's queue of the command that waits. */
  readonly queue: number;
  /** 0 is for ever. */
  readonly seconds: number;
}

/** How much one client has sent. */
export interface Share {
  readonly session: ClientSession;
  readonly byteCount: number;
}

/** What has not been executed of it, and is nobody else's. */
export interface Rest {
  readonly session: ClientSession;
  readonly chunk: Uint8Array;
}

/**
 * What clients have sent in this turn of the loop, to be executed together. The
 * bytes lie in the engine, and here is whose they are.
 */
export class Gathered {
  readonly #engine: Engine;
  readonly #bytesAt: number;
  readonly #sharesAt: number;
  #words = new Uint32Array(0);
  #byteCount = 0;
  #shares: Share[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#bytesAt = engine.calls.gatheredBytes() >>> 0;
    this.#sharesAt = engine.calls.gatheredShares() >>> 0;
  }

  /** Whether a chunk of so many bytes could be added. */
  hasRoom(byteCount: number): boolean {
    return this.#byteCount + byteCount <= GATHERED_BYTES &&
      this.#shares.length < GATHERED_SHARES && byteCount <= CHUNK_MAX_BYTES;
  }

  add(session: ClientSession, chunk: Uint8Array): void {
    this.#engine.memory.set(chunk, this.#bytesAt + this.#byteCount);
    this.#byteCount += chunk.length;
    this.#shares.push({ session, byteCount: chunk.length });
    session.isGathered = true;
  }

  /** Takes what there is, in the order in which it came. */
  take(): readonly Share[] {
    const shares = this.#shares;
    this.#shares = [];
    this.#byteCount = 0;
    return shares;
  }

  /**
   * Executes what was taken last as far as the engine can by itself. Returns
   * what is left of it, again in its order.
   */
  execute(shares: readonly Share[], host: GatheredHost): Rest[] {
    this.#describe(shares, host);
    const rest: Rest[] = [];
    const { calls } = this.#engine;
    for (let from = 0; from < shares.length;) {
      const next = calls.runGathered(from, shares.length);
      this.#handOut(shares, from, next, host, rest);
      from = next;
    }
    return rest;
  }

  #describe(shares: readonly Share[], host: GatheredHost): void {
    let address = this.#bytesAt;
    let at = 0;
    for (const { session, byteCount } of shares) {
      session.isGathered = false;
      // May take memory, and the view with it.
      const permission = host.permissionOf(session);
      const words = this.#view();
      words[at + ADDRESS] = address;
      words[at + BYTE_COUNT] = permission === 0 ? 0 : byteCount;
      words[at + DATABASE] = host.databaseOf(session);
      words[at + PERMISSION] = permission;
      words[at + RESP] = session.resp;
      words[at + TRACKER] = session.reader;
      address += byteCount;
      at += SHARE_WORDS;
    }
  }

  #handOut(
    shares: readonly Share[],
    from: number,
    next: number,
    host: GatheredHost,
    rest: Rest[],
  ): void {
    const words = this.#view();
    const { calls, memory } = this.#engine;
    const base = calls.outBase() >>> 0;
    const end = base + (calls.outLength() >>> 0);
    const replies = takeShared(memory.subarray(base, end));
    calls.outReset();
    let start = 0;
    let servedAt = SERVED + 1;
    const servedEnd = servedAt + words[SERVED] * SERVED_WORDS;
    for (let i = from; i < next; i++) {
      const at = i * SHARE_WORDS;
      const { session, byteCount } = shares[i];
      const repliesEnd = words[at + REPLIES_END];
      if (words[at + HAS_GAP] !== 0) host.broken(session);
      if (repliesEnd > start) {
        const bytes = replies.subarray(start, repliesEnd);
        host.replied(session, bytes, words[at + OPERATION]);
        start = repliesEnd;
      }
      if (words[at + WAIT] !== 0) {
        host.waits(session, {
          operation: words[at + OPERATION],
          wait: words[at + WAIT],
          queue: words[at + QUEUE],
          seconds: words[at + SECONDS],
        });
      }
      // Whom it has served follows.
      while (servedAt < servedEnd && words[servedAt + SERVED_SHARE] === i) {
        const servedReplyEnd = words[servedAt + SERVED_END];
        const bytes = replies.subarray(start, servedReplyEnd);
        const hasGap = words[servedAt + SERVED_GAP] !== 0;
        host.served(words[servedAt + SERVED_WAIT], bytes, hasGap);
        start = servedReplyEnd;
        servedAt += SERVED_WORDS;
      }
      const used = words[at + USED];
      if (used === byteCount) continue;
      const address = words[at + ADDRESS];
      const chunk = this.#engine.memory.slice(
        address + used,
        address + byteCount,
      );
      rest.push({ session, chunk });
    }
  }

  #view(): Uint32Array {
    if (this.#words.length === 0) {
      this.#words = new Uint32Array(
        this.#engine.memory.buffer,
        this.#sharesAt,
        ALL_WORDS,
      );
    }
    return this.#words;
  }
}
