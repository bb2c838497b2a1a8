/**
 * A client's commands in the order in which they were sent, and what the data
 * is after any number of them. A server that has crashed may have lost the last
 * ones, never one in between: its data must be what the first `n` commands
 * make, and `n` must lie where the promise of durability puts it.
 *
 * Every key carries the name of its history, so that several share a server.
 */
import { Random } from "../support/random.ts";

export type Value = string | string[] | Map<string, string> | Set<string>;
export type State = Map<string, Value>;

/** Tells how many commands had been executed, to within STEP of them. */
const POSITION = "position";
const STEP = 8;

const STRINGS = 100;
const SMALL = 10;
const MEMBERS = 1500;
const LIST_MAX = 600;
/** Longer than what is kept in one piece with its key, and compressible. */
const LONG_VALUE = "the same words again and again ".repeat(30);

/** One command: its words without the history's name, and what it does. */
interface Step {
  readonly words: readonly string[];
  apply(state: State): void;
}

export class History {
  /** How many commands are certain: a restart has shown them. */
  #settled = 0;
  /** Those after them, and when they were acknowledged as far as they are. */
  readonly #steps: Step[] = [];
  readonly #acknowledgedAtMs: number[] = [];
  /** The data after the first #known commands. */
  readonly #state: State = new Map();
  #known = 0;
  #hasRefusals = false;
  readonly #random: Random;
  readonly #name: string;

  constructor(name: string, seed: number) {
    this.#name = name;
    this.#random = new Random(seed);
  }

  get settledCount(): number {
    return this.#settled;
  }

  get sentCount(): number {
    return this.#settled + this.#steps.length;
  }

  get acknowledgedCount(): number {
    return this.#settled + this.#acknowledgedAtMs.length;
  }

  /** How many commands had been acknowledged at a moment. */
  acknowledgedBefore(timeMs: number): number {
    const later = this.#acknowledgedAtMs.findIndex((at) => at > timeMs);
    return later < 0 ? this.acknowledgedCount : this.#settled + later;
  }

  /** Thinks of the next command; the caller sends it. */
  next(): string[] {
    const number = this.sentCount;
    const step = number % STEP === 0
      ? put(POSITION, String(number))
      : randomStep(this.#random, number);
    this.#steps.push(step);
    const [verb, key, ...rest] = step.words;
    return verb === "RENAME"
      ? [verb, this.#key(key), this.#key(rest[0])]
      : [verb, this.#key(key), ...rest];
  }

  /** The reply to the first command that had none. */
  acknowledge(): void {
    this.#acknowledgedAtMs.push(Date.now());
  }

  /** The same when the reply was that nothing has been done. */
  refused(): void {
    this.#steps[this.#acknowledgedAtMs.length] = REFUSED;
    this.#hasRefusals = true;
    this.acknowledge();
  }

  /** The commands that read everything which the history can have written. */
  readers(): string[][] {
    return KEYS.map((name) => {
      const [verb, ...rest] = READERS[name[0]];
      return [verb, this.#key(name), ...rest];
    });
  }

  /**
   * Finds after how many commands the data is what the replies to `readers`
   * say; throws when that is no number from `least` to `most`. From then on
   * the history ends there.
   */
  settle(
    replies: readonly unknown[],
    least: number,
    most = this.sentCount,
  ): number {
    const found = stateOf(replies);
    const position = Number(found.get(POSITION) ?? -1);
    // What was refused may have been a command that moves the position.
    const near = this.#hasRefusals ? Infinity : position + STEP;
    const last = Math.min(most, this.sentCount, near);
    const first = Math.max(least, this.#known);
    let difference = "fewer than were certain before";
    for (let count = first; count <= last; count++) {
      difference = firstDifference(this.#stateAfter(count), found);
      if (difference === "") return this.#endAt(count);
    }
    throw new Error(
      `${this.#name}: the position is ${position} and the data not what ` +
        `${first} to ${last} commands make: ${difference}`,
    );
  }

  #key(name: string): string {
    return `${this.#name}:${name}`;
  }

  /** Goes forward only. */
  #stateAfter(count: number): State {
    while (this.#known < count) {
      this.#steps[this.#known++ - this.#settled].apply(this.#state);
    }
    return this.#state;
  }

  #endAt(count: number): number {
    this.#settled = count;
    this.#steps.length = 0;
    this.#acknowledgedAtMs.length = 0;
    this.#hasRefusals = false;
    return count;
  }
}

/** A command that the server would not execute. */
const REFUSED: Step = { words: [], apply: () => {} };

/** How each kind of key is read; the first letter of its name is its kind. */
const READERS: Record<string, string[]> = {
  p: ["GET"],
  s: ["GET"],
  c: ["GET"],
  l: ["LRANGE", "0", "-1"],
  h: ["HGETALL"],
  e: ["SMEMBERS"],
  z: ["ZRANGE", "0", "-1", "WITHSCORES"],
};

const named = (kind: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${kind}${i}`);

const KEYS = [
  POSITION,
  ...named("s", STRINGS),
  ...["c", "l", "h", "e", "z"].flatMap((kind) => named(kind, SMALL)),
];

function put(key: string, value: string): Step {
  return {
    words: ["SET", key, value],
    apply: (state) => void state.set(key, value),
  };
}

function randomStep(random: Random, number: number): Step {
  const stamp = `${number}`;
  // The first key of each kind grows large, the others stay small.
  const which = random.chance(0.5) ? 0 : 1 + random.int(SMALL - 1);
  const member = `m${random.int(which === 0 ? MEMBERS : 12)}`;
  switch (random.int(16)) {
    case 0:
    case 1:
      return put(`s${random.int(STRINGS)}`, stamp);
    case 2:
      return put(`s${random.int(STRINGS)}`, LONG_VALUE + stamp);
    case 3:
      return append(`s${random.int(STRINGS)}`, `,${stamp}`);
    case 4:
      return increment(`c${which}`, number % 1000);
    case 5:
    case 6:
      return push(`l${which}`, stamp, random.chance(0.5));
    case 7:
      return trim(`l${which}`, which === 0 ? LIST_MAX : 10);
    case 8:
    case 9:
      return putField(`h${which}`, member, stamp);
    case 10:
      return removeMember("HDEL", `h${which}`, member);
    case 11:
      return addMember(`e${which}`, member);
    case 12:
      return removeMember("SREM", `e${which}`, member);
    case 13:
      return addScored(`z${which}`, member, stamp);
    case 14:
      return removeMember("ZREM", `z${which}`, member);
    default:
      return rareStep(random);
  }
}

/** What takes whole values away or elsewhere. */
function rareStep(random: Random): Step {
  const kind = random.pick(["s", "l", "h", "e", "z"]);
  const [from, to] = [random.int(SMALL), random.int(SMALL)];
  // Seldom for the large ones, or they would never become large.
  const isRare = from === 0 || to === 0;
  if (isRare && !random.chance(0.02)) return drop(`s${random.int(STRINGS)}`);
  return random.chance(0.5)
    ? drop(`${kind}${from}`)
    : rename(`${kind}${from}`, `${kind}${to}`);
}

function append(key: string, text: string): Step {
  return {
    words: ["APPEND", key, text],
    apply: (state) => void state.set(key, (state.get(key) ?? "") + text),
  };
}

function increment(key: string, by: number): Step {
  return {
    words: ["INCRBY", key, String(by)],
    apply: (state) =>
      void state.set(key, String(Number(state.get(key) ?? 0) + by)),
  };
}

function push(key: string, text: string, isLeft: boolean): Step {
  return {
    words: [isLeft ? "LPUSH" : "RPUSH", key, text],
    apply(state) {
      const list = (state.get(key) ?? []) as string[];
      if (isLeft) list.unshift(text);
      else list.push(text);
      state.set(key, list);
    },
  };
}

function trim(key: string, count: number): Step {
  return {
    words: ["LTRIM", key, String(-count), "-1"],
    apply(state) {
      const list = (state.get(key) ?? []) as string[];
      if (list.length > count) list.splice(0, list.length - count);
    },
  };
}

function putField(key: string, field: string, text: string): Step {
  return {
    words: ["HSET", key, field, text],
    apply: (state) => void mapAt(state, key).set(field, text),
  };
}

function addScored(key: string, member: string, score: string): Step {
  return {
    words: ["ZADD", key, score, member],
    apply: (state) => void mapAt(state, key).set(member, score),
  };
}

function mapAt(state: State, key: string): Map<string, string> {
  const map = (state.get(key) ?? new Map()) as Map<string, string>;
  state.set(key, map);
  return map;
}

function addMember(key: string, member: string): Step {
  return {
    words: ["SADD", key, member],
    apply(state) {
      const set = (state.get(key) ?? new Set()) as Set<string>;
      state.set(key, set.add(member));
    },
  };
}

function removeMember(verb: string, key: string, member: string): Step {
  return {
    words: [verb, key, member],
    apply(state) {
      const value = state.get(key) as Set<string> | undefined;
      value?.delete(member);
      if (value?.size === 0) state.delete(key);
    },
  };
}

function drop(key: string): Step {
  return {
    words: ["DEL", key],
    apply: (state) => void state.delete(key),
  };
}

/** Of a key that may be missing: then it is an error and changes nothing. */
function rename(from: string, to: string): Step {
  return {
    words: ["RENAME", from, to],
    apply(state) {
      const value = state.get(from);
      if (value === undefined) return;
      state.delete(from);
      state.set(to, value);
    },
  };
}

function stateOf(replies: readonly unknown[]): State {
  const state: State = new Map();
  for (const [i, key] of KEYS.entries()) {
    const value = valueOf(key[0], replies[i]);
    if (value !== undefined) state.set(key, value);
  }
  return state;
}

function valueOf(kind: string, reply: unknown): Value | undefined {
  if (!Array.isArray(reply)) {
    if (reply === null) return undefined;
    if (typeof reply === "string") return reply;
    throw new Error(`unexpected reply: ${reply}`);
  }
  if (reply.length === 0) return undefined;
  if (kind === "l") return reply;
  if (kind === "e") return new Set(reply);
  const map = new Map<string, string>();
  for (let i = 0; i < reply.length; i += 2) map.set(reply[i], reply[i + 1]);
  return map;
}

/** Empty when two states are the same. */
function firstDifference(expected: State, found: State): string {
  for (const key of KEYS) {
    const [a, b] = [text(expected.get(key)), text(found.get(key))];
    if (a === b) continue;
    let at = 0;
    while (a[at] === b[at]) at++;
    const part = (value: string) => value.slice(Math.max(0, at - 40), at + 40);
    return `${key} is ..${part(b)}.. instead of ..${part(a)}..`;
  }
  return "";
}

/** A value as a text that does not depend on the order of its members. */
function text(value: Value | undefined): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") return `"${value}"`;
  if (Array.isArray(value)) {
    return value.length === 0 ? "missing" : value.join(" ");
  }
  if (value instanceof Set) return [...value].sort().join(" ");
  return [...value].map(([a, b]) => `${a}=${b}`).sort().join(" ");
}
