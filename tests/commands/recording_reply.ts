/**
 * A reply that gathers plain values instead of bytes, so that the tests of
 * definitions need no engine. Sets and maps stay told apart from arrays.
 */
import type { Reply } from "../../src/protocol/reply.ts";

export type Value =
  | string
  | number
  | null
  | Value[]
  | { set: Value[] }
  | { map: Record<string, Value> };

interface Open {
  wanted: number;
  items: Value[];
  close: (items: Value[]) => Value;
}

export class RecordingReply {
  readonly #open: Open[] = [];
  readonly #done: Value[] = [];

  /** The one whole reply that was written. */
  get value(): Value {
    if (this.#done.length !== 1 || this.#open.length > 0) {
      throw new Error(
        `${this.#done.length} replies, ${this.#open.length} open`,
      );
    }
    return this.#done[0];
  }

  /** This as a handler sees it; a method that is not here fails the test. */
  get face(): Reply {
    return this as unknown as Reply;
  }

  simple(text: string): void {
    this.#add(text);
  }

  bulk(text: string | Uint8Array): void {
    this.#add(typeof text === "string" ? text : new TextDecoder().decode(text));
  }

  integer(value: number): void {
    this.#add(value);
  }

  null(): void {
    this.#add(null);
  }

  array(count: number): void {
    this.#begin(count, (items) => items);
  }

  set(count: number): void {
    this.#begin(count, (items) => ({ set: items }));
  }

  map(pairCount: number): void {
    this.#begin(pairCount * 2, (items) => {
      const map: Record<string, Value> = {};
      for (let i = 0; i < items.length; i += 2) {
        map[items[i] as string] = items[i + 1];
      }
      return { map };
    });
  }

  #begin(wanted: number, close: Open["close"]): void {
    if (wanted === 0) this.#add(close([]));
    else this.#open.push({ wanted, items: [], close });
  }

  #add(value: Value): void {
    const top = this.#open.at(-1);
    if (!top) {
      this.#done.push(value);
      return;
    }
    top.items.push(value);
    if (top.items.length < top.wanted) return;
    this.#open.pop();
    this.#add(top.close(top.items));
  }
}

/** The value as JSON shows it: sets as arrays, maps as objects. */
export function asJson(value: Value): unknown {
  if (Array.isArray(value)) return value.map(asJson);
  if (value === null || typeof value !== "object") return value;
  if ("set" in value) return value.set.map(asJson);
  return Object.fromEntries(
    Object.entries(value.map).map(([name, one]) => [name, asJson(one)]),
  );
}
