/** Lists as arrays: what the engine's operations must come to. */
import { MISSING, NO_INDEX } from "../../wasm/codes.ts";
import type { Plain } from "../support/reply.ts";
import type { Random } from "../support/random.ts";

export interface Expected {
  readonly code: number;
  readonly replies: Plain[];
}

/** An operation in words, and what it must come to. */
export interface Step {
  readonly name: string;
  readonly words: string[];
  /** The numbers that the operation gets behind its argument indexes. */
  readonly numbers: number[];
  /** Runs it on the model. */
  apply(model: Model): Expected;
}

export class Model {
  readonly #lists = new Map<string, string[]>();

  get(key: string): string[] {
    return this.#lists.get(key) ?? [];
  }

  /** What an operation makes of a list; without one it is MISSING. */
  change(
    key: string,
    work: (
      list: string[],
    ) => [code: number, replies?: Plain[], then?: string[]],
  ): Expected {
    const list = this.#lists.get(key);
    if (!list) return { code: MISSING, replies: [] };
    const [code, replies = [], then = list] = work(list);
    this.put(key, then);
    return { code, replies };
  }

  put(key: string, list: string[]): void {
    if (list.length > 0) this.#lists.set(key, list);
    else this.#lists.delete(key);
  }
}

/** The elements from one index to another one, both included. */
function between(list: readonly string[], start: number, end: number) {
  if (start < 0) start = Math.max(0, list.length + start);
  if (end < 0) end += list.length;
  return { start, end: Math.min(end, list.length - 1) };
}

/** Makes random steps over two lists. */
export class Steps {
  constructor(
    readonly random: Random,
    readonly element: () => string,
    readonly lengthMax: number,
  ) {}

  next(model: Model): Step {
    const { random } = this;
    const key = random.chance(0.8) ? "a" : "b";
    const list = model.get(key);
    const isLong = list.length > this.lengthMax;
    if (isLong && random.chance(0.2)) return this.#trim(key, list);
    const makers = [
      ...(isLong ? [] : [() => this.#push(key), () => this.#push(key)]),
      ...(isLong ? [] : [() => this.#insert(key, list)]),
      () => this.#insert(key, list),
      () => this.#set(key, list),
      () => this.#set(key, list),
      () => this.#pop(key),
      () => this.#popMany(key, list),
      () => this.#remove(key, list),
      () => this.#move(key),
      () => this.#range(key, list),
      () => this.#index(key, list),
      () => this.#positions(key, list),
      () => random.chance(0.2) ? this.#trim(key, list) : this.#push(key),
    ];
    return random.pick(makers)();
  }

  #side(): number {
    return this.random.int(2);
  }

  /** An element that is there, most often. */
  #present(list: readonly string[]): string {
    return list.length > 0 && this.random.chance(0.8)
      ? this.random.pick(list)
      : this.element();
  }

  /** An index that is there, most often, from either end. */
  #place(list: readonly string[]): number {
    const { random } = this;
    if (random.chance(0.1)) return random.int(2 * list.length + 5) - 2;
    const index = random.int(Math.max(1, list.length));
    return random.chance(0.5) ? index : index - list.length;
  }

  #push(key: string): Step {
    const { random } = this;
    const count = random.chance(0.5) ? 1 : 1 + random.int(12);
    const values = Array.from({ length: count }, this.element);
    const atHead = this.#side();
    return {
      name: "push",
      words: [key, ...values],
      numbers: [atHead],
      apply(model) {
        const list = model.get(key);
        model.put(
          key,
          atHead ? [...values.toReversed(), ...list] : [...list, ...values],
        );
        return { code: list.length + count, replies: [] };
      },
    };
  }

  #pop(key: string): Step {
    const atHead = this.#side();
    return {
      name: "pop",
      words: [key],
      numbers: [atHead],
      apply: (model) =>
        model.change(
          key,
          (list) =>
            atHead
              ? [1, [list[0]], list.slice(1)]
              : [1, [list.at(-1)!], list.slice(0, -1)],
        ),
    };
  }

  #popMany(key: string, list: readonly string[]): Step {
    const atHead = this.#side();
    const { random } = this;
    const most = random.int(random.chance(0.1) ? list.length + 3 : 9);
    return {
      name: "popMany",
      words: [key],
      numbers: [most, atHead],
      apply: (model) =>
        model.change(key, (list) => {
          const count = Math.min(most, list.length);
          const taken = atHead
            ? list.slice(0, count)
            : list.slice(list.length - count).reverse();
          const rest = atHead
            ? list.slice(count)
            : list.slice(0, list.length - count);
          return [count, [taken], rest];
        }),
    };
  }

  #move(key: string): Step {
    const to = this.random.chance(0.5) ? "a" : "b";
    const fromHead = this.#side(), toHead = this.#side();
    return {
      name: "move",
      words: [key, to],
      numbers: [fromHead, toHead],
      apply: (model) =>
        model.change(key, (list) => {
          const value = fromHead ? list[0] : list.at(-1)!;
          const rest = fromHead ? list.slice(1) : list.slice(0, -1);
          const target = to === key ? rest : model.get(to);
          const grown = toHead ? [value, ...target] : [...target, value];
          if (to === key) return [1, [value], grown];
          model.put(to, grown);
          return [1, [value], rest];
        }),
    };
  }

  #range(key: string, list: readonly string[]): Step {
    const from = this.#place(list), to = this.#place(list);
    return {
      name: "range",
      words: [key],
      numbers: [from, to],
      apply: (model) =>
        model.change(key, (list) => {
          const { start, end } = between(list, from, to);
          return [1, [list.slice(start, end + 1)]];
        }),
    };
  }

  #index(key: string, list: readonly string[]): Step {
    const index = this.#place(list);
    return {
      name: "index",
      words: [key, String(index)],
      numbers: [],
      apply: (model) =>
        model.change(key, (list) => {
          const found = list.at(index);
          return found === undefined ? [0] : [1, [found]];
        }),
    };
  }

  #set(key: string, list: readonly string[]): Step {
    const index = this.#place(list), value = this.element();
    return {
      name: "set",
      words: [key, String(index), value],
      numbers: [],
      apply: (model) =>
        model.change(key, (list) => {
          if (list.at(index) === undefined) return [NO_INDEX];
          return [1, [], list.with(index, value)];
        }),
    };
  }

  #insert(key: string, list: readonly string[]): Step {
    const pivot = this.#present(list), value = this.element();
    const behind = this.#side();
    return {
      name: "insert",
      words: [key, pivot, value],
      numbers: [behind],
      apply: (model) =>
        model.change(key, (list) => {
          const index = list.indexOf(pivot);
          if (index < 0) return [0];
          const then = list.toSpliced(index + behind, 0, value);
          return [then.length, [], then];
        }),
    };
  }

  #remove(key: string, list: readonly string[]): Step {
    const value = this.#present(list);
    const most = this.random.int(7) - 3;
    return {
      name: "remove",
      words: [key, value],
      numbers: [most],
      apply: (model) =>
        model.change(key, (list) => {
          let left = most === 0 ? Infinity : Math.abs(most);
          const keep = (it: string) => it !== value || left-- <= 0;
          const then = most < 0
            ? list.toReversed().filter(keep).reverse()
            : list.filter(keep);
          return [list.length - then.length, [], then];
        }),
    };
  }

  #trim(key: string, list: readonly string[]): Step {
    const { random } = this;
    const some = () => random.int(1 + (list.length >> 2));
    const from = random.chance(0.8) ? some() : this.#place(list);
    const to = random.chance(0.8) ? -1 - some() : this.#place(list);
    return {
      name: "trim",
      words: [key],
      numbers: [from, to],
      apply: (model) =>
        model.change(key, (list) => {
          const { start, end } = between(list, from, to);
          return [1, [], list.slice(start, end + 1)];
        }),
    };
  }

  #positions(key: string, list: readonly string[]): Step {
    const { random } = this;
    const value = this.#present(list);
    const rank = (1 + random.int(3)) * (random.chance(0.5) ? 1 : -1);
    const count = random.int(4) - 1;
    const most = random.chance(0.5) ? 0 : 1 + random.int(list.length + 3);
    return {
      name: "positions",
      words: [key, value],
      numbers: [rank, count, most],
      apply: (model) =>
        model.change(key, (list) => {
          let places = list.map((_, i) => i);
          if (rank < 0) places.reverse();
          if (most > 0) places = places.slice(0, most);
          places = places.filter((i) => list[i] === value)
            .slice(Math.abs(rank) - 1);
          if (count !== 0) places = places.slice(0, Math.abs(count));
          return [places.length, count < 0 ? places : [places]];
        }),
    };
  }
}
