/**
 * ACL LOG: what was refused to whom, and how often. Like refusals that follow
 * each other within a minute are one entry.
 */
import type { AccessContext, Refusal } from "../commands/access.ts";

/** As far back one looks for a like one. */
const SCANNED_MAX = 10;
const GROUPED_MS = 60_000;

export interface RefusalFacts {
  readonly reason: Refusal["reason"];
  readonly context: AccessContext;
  /** The command, key or channel that it was about. */
  readonly object: string;
  readonly user: string;
  /** Who it was, ... */
  readonly clientId: number;
  /** ... and his line of CLIENT LIST, which costs more than all the rest. */
  readonly describe: () => string;
}

interface Entry {
  readonly refusal: Refusal;
  /** Whose line it has. */
  readonly clientId: number;
}

export class RefusalLog {
  /** How many of each reason there were, whether or not they are kept. */
  readonly counts = { auth: 0, command: 0, key: 0, channel: 0 };
  /** The newest first. */
  #entries: Entry[] = [];
  #nextId = 0;

  note(facts: RefusalFacts, nowMs: number, maxCount: number): void {
    this.counts[facts.reason]++;
    const like = this.#takeLike(facts, nowMs);
    const refusal = like === undefined
      ? this.#first(facts, nowMs)
      : again(like, facts, nowMs);
    this.#entries.unshift({ refusal, clientId: facts.clientId });
    if (this.#entries.length > maxCount) this.#entries.length = maxCount;
  }

  #takeLike(facts: RefusalFacts, nowMs: number): Entry | undefined {
    const end = Math.min(SCANNED_MAX, this.#entries.length);
    for (let at = 0; at < end; at++) {
      if (!isLike(this.#entries[at].refusal, facts, nowMs)) continue;
      return this.#entries.splice(at, 1)[0];
    }
  }

  #first(facts: RefusalFacts, nowMs: number): Refusal {
    const { reason, context, object, user } = facts;
    const id = this.#nextId++;
    const times = { createdMs: nowMs, updatedMs: nowMs };
    const client = facts.describe();
    return { reason, context, object, user, client, id, count: 1, ...times };
  }

  newest(count: number): readonly Refusal[] {
    return this.#entries.slice(0, count).map(({ refusal }) => refusal);
  }

  forget(): void {
    this.#entries = [];
  }

  resetCounts(): void {
    Object.assign(this.counts, { auth: 0, command: 0, key: 0, channel: 0 });
  }
}

/** Within a millisecond a client's line stays as it is. */
function again(
  { refusal, clientId }: Entry,
  facts: RefusalFacts,
  nowMs: number,
): Refusal {
  const isSame = clientId === facts.clientId && refusal.updatedMs === nowMs;
  const client = isSame ? refusal.client : facts.describe();
  return { ...refusal, count: refusal.count + 1, client, updatedMs: nowMs };
}

function isLike(entry: Refusal, facts: RefusalFacts, nowMs: number): boolean {
  return entry.reason === facts.reason && entry.context === facts.context &&
    entry.object === facts.object && entry.user === facts.user &&
    Math.abs(entry.updatedMs - nowMs) <= GROUPED_MS;
}
