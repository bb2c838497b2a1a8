import type { SlowEntry, SlowLogFace } from "../commands/observation.ts";

/** More words are not kept; the last one then tells how many there were. */
const WORDS_MAX = 32;
/** Of a longer word the beginning is kept, and how many bytes it lacks. */
const WORD_MAX_BYTES = 128;

const utf8 = new TextEncoder();

/** Whose command it was. */
export interface SlowClient {
  readonly address: string;
  readonly name: string;
}

/**
 * The commands that took long, in memory. Whoever executes a command asks with
 * `wants` whether to keep it: words are copied only then.
 */
export class SlowLog implements SlowLogFace {
  /** Commands that take so long are kept; none when it is negative. */
  thresholdUs = 10_000;
  #maxLength = 128;
  #nextId = 0;
  /** The oldest first. */
  #entries: SlowEntry[] = [];

  get length(): number {
    return this.#entries.length;
  }

  set maxLength(count: number) {
    this.#maxLength = count;
  }

  wants(microseconds: number): boolean {
    return this.thresholdUs >= 0 && microseconds >= this.thresholdUs;
  }

  add(
    client: SlowClient,
    words: readonly Uint8Array[],
    microseconds: number,
  ): void {
    this.#entries.push({
      id: this.#nextId++,
      unixSeconds: Math.floor(Date.now() / 1000),
      microseconds,
      words: shortened(words),
      address: client.address,
      clientName: client.name,
    });
    this.#trim();
  }

  latest(count: number): readonly SlowEntry[] {
    return this.#entries.slice(Math.max(0, this.length - count)).reverse();
  }

  reset(): void {
    this.#entries = [];
  }

  /** A limit that was lowered takes effect with the next entry. */
  #trim(): void {
    const excess = this.length - this.#maxLength;
    if (excess > 0) this.#entries.splice(0, excess);
  }
}

function shortened(words: readonly Uint8Array[]): Uint8Array[] {
  if (words.length <= WORDS_MAX) return words.map(shortenedWord);
  const more = words.length - WORDS_MAX + 1;
  return [
    ...words.slice(0, WORDS_MAX - 1).map(shortenedWord),
    utf8.encode(`... (${more} more arguments)`),
  ];
}

function shortenedWord(word: Uint8Array): Uint8Array {
  const more = word.length - WORD_MAX_BYTES;
  if (more <= 0) return word;
  const tail = utf8.encode(`... (${more} more bytes)`);
  const all = new Uint8Array(WORD_MAX_BYTES + tail.length);
  all.set(word.subarray(0, WORD_MAX_BYTES));
  all.set(tail, WORD_MAX_BYTES);
  return all;
}
