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
  /** The line of CLIENT LIST. */
  readonly client: string;
}

export class RefusalLog {
  /** How many of each reason there were, whether or not they are kept. */
  readonly counts = { auth: 0, command: 0, key: 0, channel: 0 };
  /** The newest first. */
  #entries: Refusal[] = [];
  #nextId = 0;

  note(facts: RefusalFacts, nowMs: number, maxCount: number): void {
    this.counts[facts.reason]++;
    const at = this.#entries.slice(0, SCANNED_MAX)
      .findIndex((entry) => isLike(entry, facts, nowMs));
    if (at >= 0) {
      const [entry] = this.#entries.splice(at, 1);
      const { client } = facts;
      const count = entry.count + 1;
      this.#entries.unshift({ ...entry, count, client, updatedMs: nowMs });
      return;
    }
    const id = this.#nextId++;
    const times = { createdMs: nowMs, updatedMs: nowMs };
    this.#entries.unshift({ ...facts, id, count: 1, ...times });
    if (this.#entries.length > maxCount) this.#entries.length = maxCount;
  }

  newest(count: number): readonly Refusal[] {
    return this.#entries.slice(0, count);
  }

  forget(): void {
    this.#entries = [];
  }

  resetCounts(): void {
    Object.assign(this.counts, { auth: 0, command: 0, key: 0, channel: 0 });
  }
}

function isLike(entry: Refusal, facts: RefusalFacts, nowMs: number): boolean {
  return entry.reason === facts.reason && entry.context === facts.context &&
    entry.object === facts.object && entry.user === facts.user &&
    Math.abs(entry.updatedMs - nowMs) <= GROUPED_MS;
}
