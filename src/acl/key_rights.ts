/** Which keys may be touched, and how: the rules `~x:*`, `%R~y:*`, `allkeys`. */
import type { KeyFlag } from "../commands/define/flags.ts";
import { globMatch } from "../protocol/glob.ts";
import { hasBlanks, keysAfterAll, syntaxFault } from "./faults.ts";

export const READ = 1;
export const WRITE = 2;

/** What somebody needs who uses a key so. */
export function accessOf(flags: readonly KeyFlag[]): number {
  let access = 0;
  for (const flag of flags) {
    if (flag === "access") access |= READ;
    else if (flag === "insert" || flag === "delete" || flag === "update") {
      access |= WRITE;
    }
  }
  return access;
}

export class KeyRights {
  /** Whether all keys may be touched in every way. */
  isComplete = false;
  /** Patterns and what they allow, in the order in which they were given. */
  readonly #patterns = new Map<string, number>();

  copy(): KeyRights {
    const copy = new KeyRights();
    copy.isComplete = this.isComplete;
    for (const [pattern, access] of this.#patterns) {
      copy.#patterns.set(pattern, access);
    }
    return copy;
  }

  get patterns(): Iterable<[pattern: string, access: number]> {
    return this.#patterns;
  }

  allows(key: string, access: number): boolean {
    if (this.isComplete) return true;
    for (const [pattern, allowed] of this.#patterns) {
      if ((allowed & access) !== access) continue;
      if (globMatch(pattern, key, false)) return true;
    }
    return false;
  }

  /** Whether there is no key that may not be touched so. */
  allowsEvery(access: number): boolean {
    return this.isComplete ||
      ((this.#patterns.get("*") ?? 0) & access) === access;
  }

  allowAll(): void {
    this.clear();
    this.isComplete = true;
  }

  clear(): void {
    this.isComplete = false;
    this.#patterns.clear();
  }

  /** A rule that begins with `~` or `%`. */
  add(rule: string): void {
    if (this.isComplete) throw keysAfterAll;
    const [access, pattern] = rule.startsWith("%")
      ? readAccess(rule)
      : [READ | WRITE, rule.slice(1)];
    if (hasBlanks(pattern)) throw syntaxFault;
    const before = this.#patterns.get(pattern) ?? 0;
    this.#patterns.set(pattern, before | access);
  }

  describe(): string {
    if (this.isComplete) return "~*";
    return Array.from(this.#patterns, ([pattern, access]) => {
      if (access === READ) return `%R~${pattern}`;
      return access === WRITE ? `%W~${pattern}` : `~${pattern}`;
    }).join(" ");
  }
}

/** `%R~pattern`; either letter may come first, in any case, and only once. */
function readAccess(rule: string): [access: number, pattern: string] {
  const letters = /^%([RrWw]*)(?:~|$)/.exec(rule);
  const text = letters?.[1].toUpperCase() ?? "";
  if (!/^(R|W|RW|WR)$/.test(text)) throw syntaxFault;
  const access = (text.includes("R") ? READ : 0) |
    (text.includes("W") ? WRITE : 0);
  return [access, rule.slice(letters![0].length)];
}
