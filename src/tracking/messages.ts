import { takeForMany } from "../protocol/chunks.ts";
import { bytesOfLatin1 } from "../protocol/text.ts";

const PUSHED = bytesOfLatin1(">2\r\n$10\r\ninvalidate\r\n");
const PUBLISHED = bytesOfLatin1(
  "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n",
);
const LINE_END = bytesOfLatin1("\r\n");
const ALL_PUSHED = bytesOfLatin1("_\r\n");
const ALL_PUBLISHED = bytesOfLatin1("$-1\r\n");

/**
 * "These keys are not any more what they were." Null stands for all keys. In
 * RESP2 it is a message of a channel, for whoever has subscribed to it.
 */
export class Invalidation {
  readonly #keys: readonly Uint8Array[] | null;
  #pushed: Uint8Array | null = null;
  #published: Uint8Array | null = null;

  constructor(keys: readonly Uint8Array[] | null) {
    this.#keys = keys;
  }

  /** Never to be changed: others send the same bytes. */
  in(resp: number): Uint8Array {
    return resp === 3
      ? this.#pushed ??= this.#encode(PUSHED, ALL_PUSHED)
      : this.#published ??= this.#encode(PUBLISHED, ALL_PUBLISHED);
  }

  #encode(head: Uint8Array, all: Uint8Array): Uint8Array {
    if (this.#keys === null) return joined([head, all]);
    const parts = [head, bytesOfLatin1(`*${this.#keys.length}\r\n`)];
    for (const key of this.#keys) {
      parts.push(bytesOfLatin1(`$${key.length}\r\n`), key, LINE_END);
    }
    return joined(parts);
  }
}

/** Tells a client that the one whom it has named cannot be told any more. */
export function brokenRedirect(id: number): Uint8Array {
  return bytesOfLatin1(`>2\r\n$21\r\ntracking-redir-broken\r\n:${id}\r\n`);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const bytes = takeForMany(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
