/** What strings must do, said with a Map. */
import { assert, assertEquals } from "@std/assert";
import { NOT_AN_INTEGER, OVERFLOW } from "../../wasm/codes.ts";
import type { Random } from "../support/random.ts";
import type { Host } from "./string_host.ts";

const MIN = -(2n ** 63n), MAX = 2n ** 63n - 1n;
const KEYS = ["a", "b", "c", "d", "key:".repeat(20), "e", ""];
const NO_CHANGE = -2;

interface Stored {
  value: string;
  encoding: string;
  due: number;
}

/** One random operation: what it does, and what it must return. */
export interface Step {
  readonly text: string;
  readonly words: readonly string[];
  /** Puts the arguments into place. */
  prepare(host: Host): void;
  operate(host: Host): number;
  /** Both at once. */
  run(host: Host): number;
  /** What it must return; changes the model. */
  expected(): number;
}

export class Model {
  #stored = new Map<string, Stored>();
  #changes = 0;
  #now = 1000;

  takeChanges(): number {
    const had = this.#changes;
    this.#changes = 0;
    return had;
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  keys(): string[] {
    return [...this.#stored.keys()];
  }

  clear(): void {
    this.#stored.clear();
  }

  /** Everything is the same in the engine. */
  compare(host: Host, context: string): void {
    host.verify();
    for (const key of KEYS) {
      const stored = this.#find(key);
      assert(host.value(key) === (stored?.value ?? null), `${context} ${key}`);
      if (!stored) continue;
      const found = [host.encoding(key), host.due(key)];
      assertEquals(found, [stored.encoding, stored.due], `${context} ${key}`);
    }
    const live = KEYS.filter((key) => this.has(key)).length;
    assertEquals(host.calls.dbSize(host.db), live, context);
  }

  randomStep(random: Random, mostBytes = 70_000): Step {
    const key = random.pick(KEYS);
    const value = randomValue(random, mostBytes);
    switch (random.int(10)) {
      case 0:
      case 1:
        return this.#set(
          key,
          value,
          random.int(16),
          randomDue(random, this.#now),
        );
      case 2:
        return this.#append(key, value);
      case 3:
        return this.#setRange(
          key,
          random.int(random.pick([4, 60, 900])),
          value,
        );
      case 4:
        return this.#increment(key, String(random.int(2000) - 1000));
      case 5:
        return this.#increment(key, random.pick([String(MAX), String(MIN)]));
      case 6:
        return this.#setMany(
          randomPairs(random, mostBytes),
          random.pick([0, 0, 1, 2, 4, 5, 6]),
          random.chance(0.5) ? 0 : randomDue(random, this.#now),
        );
      case 7:
        return this.#setDue(key, randomDue(random, this.#now));
      case 8:
        return this.#delete(key);
      default:
        return this.#wait(random.int(40));
    }
  }

  #find(key: string): Stored | undefined {
    const stored = this.#stored.get(key);
    return stored && (stored.due < 0 || stored.due >= this.#now)
      ? stored
      : undefined;
  }

  #put(key: string, value: string, encoding: string, due: number): number {
    this.#stored.set(key, { value, encoding, due });
    this.#changes++;
    return 1;
  }

  #set(key: string, value: string, flags: number, dueMs: number): Step {
    return step(
      `SET ${flags} ${dueMs}`,
      [key, value],
      (host) => host.calls.setString(host.db, 1, 2, flags, dueMs),
      () => {
        const old = this.#find(key);
        if (old ? flags & 1 : flags & 2) return 0;
        const kept = flags & 4 && old && old.due >= 0 ? old.due : dueMs;
        const encoding = flags & 8 ? textEncoding(value) : encodingOf(value);
        return this.#put(key, value, encoding, kept || -1);
      },
    );
  }

  #append(key: string, value: string): Step {
    return step("APPEND", [key, value], (host) => {
      return host.calls.appendString(host.db, 1, 2);
    }, () => {
      const old = this.#find(key);
      const whole = (old?.value ?? "") + value;
      const encoding = old ? "raw" : encodingOf(value);
      this.#put(key, whole, encoding, old?.due ?? -1);
      return whole.length;
    });
  }

  #setRange(key: string, offset: number, value: string): Step {
    return step(`SETRANGE ${offset}`, [key, value], (host) => {
      return host.calls.setRange(host.db, 1, offset, 2);
    }, () => {
      const old = this.#find(key);
      if (value === "") return old?.value.length ?? 0;
      const before = (old?.value ?? "").padEnd(offset, "\0");
      const whole = before.slice(0, offset) + value +
        before.slice(offset + value.length);
      this.#put(key, whole, "raw", old?.due ?? -1);
      return whole.length;
    });
  }

  #increment(key: string, by: string): Step {
    return step(`INCRBY ${by}`, [key, by], (host) => {
      return host.calls.incrementByArgument(host.db, 1, 2, 0);
    }, () => {
      const old = this.#find(key);
      const text = old?.value ?? "0";
      if (encodingOf(text) !== "int") return NOT_AN_INTEGER;
      const sum = BigInt(text) + BigInt(by);
      if (sum > MAX || sum < MIN) return OVERFLOW;
      return this.#put(key, String(sum), "int", old?.due ?? -1);
    });
  }

  #setMany(
    pairs: readonly [string, string][],
    flags: number,
    dueMs: number,
  ): Step {
    const text = `MSETEX ${flags} ${dueMs} ${pairs.length}`;
    return step(text, pairs.flat(), (host) => {
      return host.calls.setStrings(host.db, 1, pairs.length, flags, dueMs);
    }, () => {
      if (flags & 1 && pairs.some(([key]) => this.has(key))) return 0;
      if (flags & 2 && !pairs.every(([key]) => this.has(key))) return 0;
      const old = new Map(pairs.map(([key]) => [key, this.#find(key)]));
      for (const [key, value] of pairs) {
        const due = flags & 4 ? old.get(key)?.due ?? -1 : -1;
        this.#put(key, value, encodingOf(value), due >= 0 ? due : dueMs || -1);
      }
      return 1;
    });
  }

  #setDue(key: string, dueMs: number): Step {
    return step(`EXPIRE ${dueMs}`, [key], (host) => {
      return dueMs === 0
        ? host.calls.clearDue(host.db, 1)
        : host.calls.setDue(host.db, 1, dueMs);
    }, () => {
      const stored = this.#find(key);
      if (!stored) return -6;
      if (dueMs === 0 && stored.due < 0) return 0;
      return this.#put(key, stored.value, stored.encoding, dueMs || -1);
    });
  }

  #delete(key: string): Step {
    return step("DEL", [key], (host) => {
      return host.calls.deleteKey(host.db, 1);
    }, () => {
      if (!this.has(key)) return 0;
      this.#stored.delete(key);
      this.#changes++;
      return 1;
    });
  }

  #wait(ms: number): Step {
    const then = this.#now + ms;
    return step(`wait ${ms}`, [], (host) => {
      host.calls.setClock(then);
      return NO_CHANGE;
    }, () => {
      this.#now = then;
      return NO_CHANGE;
    });
  }
}

function step(
  text: string,
  words: readonly string[],
  operate: (host: Host) => number,
  expected: () => number,
): Step {
  const prepare = (host: Host) => host.command(...words);
  const run = (host: Host) => {
    prepare(host);
    return operate(host);
  };
  const shown = words.map((word) => word.slice(0, 20)).join(" ");
  return { text: `${text} ${shown}`, words, prepare, operate, run, expected };
}

function textEncoding(value: string): string {
  return value.length <= 44 ? "embstr" : "raw";
}

function encodingOf(value: string): string {
  const isInteger = /^(0|-?[1-9]\d{0,18})$/.test(value) &&
    BigInt(value) <= MAX && BigInt(value) >= MIN;
  return isInteger ? "int" : textEncoding(value);
}

function randomValue(random: Random, mostBytes: number): string {
  if (random.chance(0.4)) return String(random.int(1_000_000) - 500_000);
  const most = random.pick([4, 50, 600, 600, 2000, 20_000, mostBytes]);
  const length = random.int(Math.min(most, mostBytes));
  return String.fromCharCode(random.int(256)).repeat(length);
}

function randomDue(random: Random, now: number): number {
  return random.chance(0.5) ? 0 : now + 1 + random.int(60);
}

function randomPairs(random: Random, mostBytes: number): [string, string][] {
  return Array.from(
    { length: 1 + random.int(6) },
    () => [random.pick(KEYS), randomValue(random, mostBytes)],
  );
}
