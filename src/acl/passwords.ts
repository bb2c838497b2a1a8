/**
 * A user's passwords, kept as SHA-256 in hexadecimal digits: nobody who reads
 * the memory, a file or a reply learns one.
 */
import { bytesOfLatin1 } from "../protocol/text.ts";
import { badHash, noSuchPassword } from "./faults.ts";
import { sha256 } from "./sha256.ts";

const HASH = /^[0-9a-f]{64}$/;

export class Passwords {
  /** Whether any password is right. */
  areNotNeeded = false;
  readonly #hashes = new Set<string>();

  copy(): Passwords {
    const copy = new Passwords();
    copy.areNotNeeded = this.areNotNeeded;
    for (const hash of this.#hashes) copy.#hashes.add(hash);
    return copy;
  }

  get hashes(): readonly string[] {
    return [...this.#hashes];
  }

  /** nopass */
  needNone(): void {
    this.#hashes.clear();
    this.areNotNeeded = true;
  }

  /** resetpass: there is none that is right. */
  clear(): void {
    this.#hashes.clear();
    this.areNotNeeded = false;
  }

  /** `>password` or `#hash` */
  add(rule: string): void {
    this.#hashes.add(hashIn(rule));
    this.areNotNeeded = false;
  }

  /** `<password` or `!hash` */
  remove(rule: string): void {
    if (!this.#hashes.delete(hashIn(rule))) throw noSuchPassword;
  }

  /**
   * Whether a hash is that of one of the passwords. All are compared, and to
   * their ends: the time that it takes tells nothing about them.
   */
  include(hash: string): boolean {
    let isFound = false;
    for (const own of this.#hashes) {
      let difference = 0;
      for (let i = 0; i < own.length; i++) {
        difference |= own.charCodeAt(i) ^ hash.charCodeAt(i);
      }
      if (difference === 0) isFound = true;
    }
    return isFound;
  }
}

export function hashOf(password: Uint8Array): string {
  return sha256(password).toHex();
}

function hashIn(rule: string): string {
  const text = rule.slice(1);
  if (rule[0] === ">" || rule[0] === "<") return hashOf(bytesOfLatin1(text));
  if (!HASH.test(text)) throw badHash;
  return text;
}
