import type {
  SlowEntry,
  SlowLogFace,
  WatchedClient,
} from "../commands/observation.ts";
import { bytesOfLatin1 } from "../protocol/text.ts";

/** More words are not kept; the last one then tells how many there were. */
const WORDS_MAX = 32;
/** Of a longer word the beginning is kept, and how many bytes it lacks. */
const WORD_MAX_BYTES = 128;

/**
 * The commands that took long, in memory. Whoever executes a command asks with
 * `wants` whether to keep it: words are copied only then.
 */
export class SlowLog implements SlowLogFace {
  /** Commands that take so long are kept; none when it is negative. */
  thresholdUs = 10_000;
  /** The limit; a lower one takes effect with the next entry. */
  maxLength = 128;
  #nextId = 0;
  /** The oldest first. */
  #entries: SlowEntry[] = [];

  get length(): number {
    return this.#entries.length;
  }

  wants(microseconds: number): boolean {
    return this.thresholdUs >= 0 && microseconds >= this.thresholdUs;
  }

  add(
    client: Pick<WatchedClient, "address" | "name">,
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
    const excess = this.length - this.maxLength;
    if (excess > 0) this.#entries.splice(0, excess);
  }

  latest(count: number): readonly SlowEntry[] {
    return this.#entries.slice(Math.max(0, this.length - count)).reverse();
  }

  reset(): void {
    this.#entries = [];
  }
}

function shortened(words: readonly Uint8Array[]): Uint8Array[] {
  if (words.length <= WORDS_MAX) return words.map(shortenedWord);
  const more = words.length - WORDS_MAX + 1;
  return [
    ...words.slice(0, WORDS_MAX - 1).map(shortenedWord),
    bytesOfLatin1(`... (${more} more arguments)`),
  ];
}

function shortenedWord(word: Uint8Array): Uint8Array {
  const more = word.length - WORD_MAX_BYTES;
  if (more <= 0) return word;
  const tail = bytesOfLatin1(`... (${more} more bytes)`);
  const all = new Uint8Array(WORD_MAX_BYTES + tail.length);
  all.set(word.subarray(0, WORD_MAX_BYTES));
  all.set(tail, WORD_MAX_BYTES);
  return all;
}
