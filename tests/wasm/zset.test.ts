/** Sorted sets in both forms against a sorted array. */
import { assert, assertEquals } from "@std/assert";
import {
  ADD_INCREMENT,
  ADD_ONLY_GREATER,
  ADD_ONLY_LESS,
  ADD_ONLY_NEW,
  ADD_ONLY_OLD,
  OUT_OF_MEMORY,
  POP_FLAT,
  RANGE_BY_NAME,
  RANGE_BY_RANK,
  RANGE_BY_SCORE,
  SCORE_NOT_A_FLOAT,
  WRONG_TYPE,
} from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { type Bound, KEY, Model, scoreText, ZsetHost } from "./zset_host.ts";

const SEED = 20_261_124;
const LISTPACK = 3, SKIPLIST = 7, TYPE_ZSET = 3;
const FLAGS = [
  ...[0, 0, 0, 32, ADD_ONLY_NEW, ADD_ONLY_OLD, ADD_ONLY_GREATER],
  ...[ADD_ONLY_LESS | 32, ADD_ONLY_OLD | ADD_ONLY_GREATER, ADD_INCREMENT],
  ...[ADD_INCREMENT | ADD_ONLY_LESS, ADD_INCREMENT | ADD_ONLY_OLD],
];

/** Whether all scores are equal decides whether names make ranges. */
class Fuzz {
  readonly model = new Model();
  readonly random: Random;
  context = "";

  constructor(readonly host: ZsetHost, seed: number, readonly flat: boolean) {
    this.random = new Random(seed);
  }

  score(): number {
    if (this.flat) return 5;
    const { random } = this;
    if (random.chance(0.1)) {
      return random.pick([-Infinity, Infinity, 0.1, 1e300, -1e18, 5e-324]);
    }
    return random.int(40) / 2 - 5;
  }

  name(): string {
    const { random } = this;
    const serial = random.int(90);
    if (random.chance(0.02)) return "long".repeat(8) + serial;
    return random.pick(["", "m", "-", "\xff\0"]) + serial;
  }

  bound(): Bound {
    const excluded = this.random.chance(0.3);
    const value = this.flat ? this.name() : this.score();
    return { value, excluded };
  }

  boundText({ value, excluded }: Bound): string {
    if (typeof value === "string") return (excluded ? "(" : "[") + value;
    return (excluded ? "(" : "") + scoreText(value);
  }

  get by(): number {
    return this.flat ? RANGE_BY_NAME : RANGE_BY_SCORE;
  }

  step(): void {
    const choice = this.random.int(12);
    if (choice < 5) this.add();
    else if (choice < 6) this.remove();
    else if (choice < 7) this.pop();
    else if (choice < 8) this.cut();
    else if (choice < 10) this.rangeByRank();
    else this.rangeByBounds();
  }

  add(): void {
    const { host, model, random } = this;
    const flags = this.flat ? 0 : random.pick(FLAGS);
    const count = flags & ADD_INCREMENT ? 1 : 1 + random.int(4);
    const pairs = Array.from(
      { length: count },
      (): [number, string] => [this.score(), this.name()],
    );
    host.say("z", ...pairs.flat());
    const code = host.calls.zsetAdd(host.db, KEY, 1, count, flags);
    const expected = model.add(pairs, flags);
    assertEquals(code === 0 ? host.take() : code, expected, this.context);
  }

  remove(): void {
    const { host, model } = this;
    const names = [this.name(), this.name(), this.name()];
    host.say("z", ...names);
    const before = model.elements.length;
    model.remove(names.map((name) => ({ name })));
    const removed = host.calls.zsetRemove(host.db, KEY, 1, 3);
    assertEquals(removed, before - model.elements.length, this.context);
    if (removed > 0) {
      const isEmpty = model.elements.length === 0;
      assertEquals(host.calls.wasEmptied() === 1, isEmpty, this.context);
    }
  }

  pop(): void {
    const { host, model, random } = this;
    const fromEnd = random.chance(0.5);
    const count = random.int(4);
    const taken = fromEnd
      ? model.elements.slice(-count || model.elements.length).reverse()
      : model.elements.slice(0, count);
    host.say("z");
    const calls = host.calls;
    const found = calls.zsetPop(host.db, KEY, count, Number(fromEnd), POP_FLAT);
    const length = model.elements.length;
    if (length > 0) assertEquals(found, taken.length, this.context);
    else assert(found < 0);
    assertEquals(host.take(), model.words(taken), this.context);
    model.remove(taken);
  }

  cut(): void {
    const { host, model, random } = this;
    let gone;
    let removed: number;
    if (random.chance(0.5)) {
      const { length } = model.elements;
      const start = random.int(length + 3), stop = start + random.int(5);
      gone = model.elements.slice(start, stop + 1);
      host.say("z");
      removed = host.calls.zsetRemoveRanks(host.db, KEY, start, stop);
    } else {
      const low = this.bound(), high = this.bound();
      gone = model.between(low, high);
      host.say("z", this.boundText(low), this.boundText(high));
      if (gone.length > 20 && random.chance(0.8)) {
        const count = host.calls.zsetCountBetween(host.db, KEY, this.by, 1, 2);
        assertEquals(count, gone.length, this.context);
        return;
      }
      removed = host.calls.zsetRemoveBetween(host.db, KEY, this.by, 1, 2);
    }
    assertEquals(removed, gone.length, this.context);
    model.remove(gone);
  }

  rangeByRank(): void {
    const { host, model, random } = this;
    const { length } = model.elements;
    const start = random.int(2 * length + 4) - length - 2;
    const stop = random.int(2 * length + 4) - length - 2;
    const reverse = random.chance(0.5);
    const row = reverse ? model.elements.toReversed() : model.elements;
    const from = start < 0 ? Math.max(0, start + length) : start;
    const end = stop < 0 ? stop + length : stop;
    host.say("z");
    host.calls.zsetRangeByRank(host.db, KEY, start, stop, Number(reverse), 1);
    const expected = end < 0 ? [] : row.slice(from, end + 1);
    assertEquals(host.take(), model.words(expected), this.context);
    if (length === 0) return;
    const rank = random.int(length);
    host.say("z", row[rank].name);
    host.calls.zsetReplyRank(host.db, KEY, 1, Number(reverse), 1);
    const score = scoreText(row[rank].score);
    assertEquals(host.take(), [String(rank), score], this.context);
  }

  rangeByBounds(): void {
    const { host, model, random } = this;
    const low = this.bound(), high = this.bound();
    const reverse = random.chance(0.5);
    const offset = random.chance(0.5) ? 0 : random.int(8) - 1;
    const limit = random.chance(0.5) ? -1 : random.int(8);
    let row = model.between(low, high);
    if (reverse) row = row.toReversed();
    row = offset < 0
      ? []
      : row.slice(offset, limit < 0 ? undefined : offset + limit);
    host.say("z", this.boundText(low), this.boundText(high));
    host.calls.zsetRangeByBounds(
      ...[host.db, KEY, this.by, 1, 2] as const,
      offset,
      limit,
      Number(reverse),
      1,
    );
    assertEquals(host.take(), model.words(row), this.context);
  }

  run(stepCount: number): void {
    for (let i = 0; i < stepCount; i++) {
      this.context = `seed ${this.random.seed} step ${i}`;
      this.step();
      if (i % 8 === 0) this.host.check("z", this.model, this.context);
    }
    this.host.check("z", this.model, this.context);
  }
}

/** Frees what waits to be freed. */
function settle(host: ZsetHost): void {
  host.calls.clearArguments();
  host.calls.outReset();
  while (host.calls.reclaim(1000) !== 0) continue;
}

for (const { name, debug } of BUILDS) {
  const test = (what: string, run: (host: ZsetHost) => void) =>
    Deno.test(`sorted sets (${name}): ${what}`, async () => {
      run(await ZsetHost.load(debug));
    });

  const limits: [string, number, number][] = [
    ["small", 128 * 3, 64],
    ["large", 0, 0],
    ["changing", 20, 30],
  ];
  limits.forEach(([form, entries, bytes], kind) => {
    for (const flat of [false, true]) {
      const scores = flat ? "one score" : "many scores";
      test(`${form} ones with ${scores} agree with a sorted array`, (host) => {
        host.calls.setSortedSetLimits(entries, bytes);
        host.say("z");
        settle(host);
        const used = host.used();
        const fuzz = new Fuzz(host, SEED + kind * 2 + Number(flat), flat);
        fuzz.run(debug ? 1500 : 4000);
        host.say("z");
        host.calls.deleteKey(host.db, KEY);
        settle(host);
        assertEquals(host.used(), used);
        host.verify();
      });
    }
  });

  test("the large form begins behind either limit, and stays", (host) => {
    host.calls.setSortedSetLimits(3, 5);
    const rows: [string, string[], number][] = [
      ["a", ["1", "1", "2", "2", "3", "3"], LISTPACK],
      ["b", ["1", "1", "2", "2", "3", "3", "4", "4"], SKIPLIST],
      ["c", ["1", "12345"], LISTPACK],
      ["d", ["1", "123456"], SKIPLIST],
    ];
    for (const [key, words, encoding] of rows) {
      host.say(key, ...words);
      host.calls.zsetAdd(host.db, KEY, 1, words.length / 2, 0);
      assertEquals(host.encoding(key), encoding, key);
    }
    host.say("a", "4", "4");
    host.calls.zsetAdd(host.db, KEY, 1, 1, 0);
    assertEquals(host.encoding("a"), SKIPLIST);
    host.say("a", "1", "2", "3");
    assertEquals(host.calls.zsetRemove(host.db, KEY, 1, 3), 3);
    assertEquals(host.encoding("a"), SKIPLIST);
    host.say("c", "1", "123456");
    host.calls.zsetAdd(host.db, KEY, 1, 1, 0);
    assertEquals(host.encoding("c"), SKIPLIST);
    // So many pairs are expected to be too many, even if they are the same.
    host.say("e", "1", "x");
    host.calls.zsetAdd(host.db, KEY, 1, 1, 0);
    host.say("e", ..."1 x 2 x 3 x 4 x".split(" "));
    host.calls.zsetAdd(host.db, KEY, 1, 4, 0);
    assertEquals(host.encoding("e"), SKIPLIST);
    host.take();
    assertEquals(host.read("e"), ["x", "4"]);
  });

  test("scores are kept as Redis keeps them", (host) => {
    const texts = ["0", "-0", "1e17", "0.1", "-1.5e300", "+5", "0x10", "inf"];
    for (const [entries, minusZero] of [[128, "0"], [0, "-0"]] as const) {
      host.calls.setSortedSetLimits(entries, 64);
      host.say("z", ...texts.flatMap((text, i) => [text, `m${i}`]));
      host.calls.zsetAdd(host.db, KEY, 1, texts.length, 0);
      host.take();
      const names = texts.map((_, i) => `m${i}`);
      host.say("z", ...names, "none");
      host.calls.zsetReplyScores(host.db, KEY, 1, names.length + 1);
      assertEquals(host.take(), [
        ...["0", minusZero, "100000000000000000", "0.1", "-1.5e+300"],
        ...["5", "16", "inf", "-1"],
      ]);
      host.say("z");
      host.calls.deleteKey(host.db, KEY);
    }
  });

  test("a copy is the same and stands alone", (host) => {
    for (const entries of [0, 500]) {
      host.calls.setSortedSetLimits(entries, 64);
      const model = new Model();
      for (let i = 0; i < 300; i++) {
        host.say("z", i % 17, `m${i}`);
        host.calls.zsetAdd(host.db, KEY, 1, 1, 0);
        model.add([[i % 17, `m${i}`]], 0);
      }
      host.take();
      host.say("z", "copy");
      assertEquals(host.calls.copyKey(host.db, 0, host.db, 1, 1), 1);
      host.check("copy", model, "copied");
      host.say("z");
      assert(host.calls.footprintOf(host.db, KEY) > 300 * 4);
      host.calls.deleteKey(host.db, KEY);
      settle(host);
      host.check("copy", model, "alone");
    }
  });

  test("a large one is freed in slices", (host) => {
    host.calls.setSortedSetLimits(0, 0);
    host.say("z");
    settle(host);
    const used = host.used();
    for (let i = 0; i < 3000; i++) {
      host.say("z", i, `m${i}`);
      host.calls.addOne(host.db, 0, 1, 2);
    }
    host.say("z");
    host.calls.deleteKey(host.db, KEY);
    assertEquals(host.calls.lazyfreePending(), 3000);
    let slices = 0;
    while (host.calls.reclaim(100) !== 0) slices++;
    assert(slices >= 30 && slices <= 31, `${slices} slices`);
    assertEquals(host.used(), used);
    host.verify();
  });

  test("a walk finds every member that stays", (host) => {
    for (const entries of [0, 2000]) {
      host.calls.setSortedSetLimits(entries, 64);
      for (let i = 0; i < 1000; i++) {
        host.say("z", i / 4, `m${i}`);
        host.calls.addOne(host.db, 0, 1, 2);
      }
      const found = new Set<string>();
      let cursor = 0;
      let round = 0;
      do {
        host.say("z", "m*");
        cursor = host.calls.zsetScan(host.db, KEY, cursor, 10, 1, 1);
        const words = host.take();
        assertEquals(words.length, host.calls.zsetScanned());
        for (let i = 0; i < words.length; i += 2) {
          const serial = Number(words[i].slice(1));
          if (serial < 1000) assertEquals(words[i + 1], scoreText(serial / 4));
          found.add(words[i]);
        }
        host.say("z", 1, `m${2000 + round++}`);
        host.calls.addOne(host.db, 0, 1, 2);
      } while (cursor !== 0);
      for (let i = 0; i < 1000; i++) assert(found.has(`m${i}`), `m${i}`);
      host.say("z", "m99?");
      const { zsetScan } = host.calls;
      assertEquals(zsetScan(host.db, KEY, 0, 1 << 28, 1, 0), 0);
      assertEquals(host.take().length, 10);
      host.say("z");
      host.calls.deleteKey(host.db, KEY);
    }
  });

  test("the batch loop's operations say what they did", (host) => {
    host.say("z", "1", "a", "x", "2");
    const { calls, db } = host;
    calls.takeChanges();
    assertEquals(calls.addOne(db, 0, 1, 2), 1);
    assertEquals([calls.zsetChanged(), calls.takeChanges()], [1, 1]);
    assertEquals(calls.addOne(db, 0, 1, 2), 0);
    assertEquals([calls.zsetChanged(), calls.takeChanges()], [0, 0]);
    assertEquals(calls.addOne(db, 0, 4, 2), 0);
    assertEquals([calls.zsetChanged(), calls.takeChanges()], [1, 1]);
    assertEquals(calls.addOne(db, 0, 3, 2), SCORE_NOT_A_FLOAT);
    assertEquals([calls.popOne(db, 0, 1), host.take()], [1, ["a", "2"]]);
    assertEquals([calls.wasEmptied(), calls.dbSize(db)], [1, 0]);
    assertEquals([calls.popOne(db, 0, 0), host.take()], [0, []]);
  });

  test("a key of another type is left alone", (host) => {
    host.say("k", "1", "[a");
    const { calls, db } = host;
    calls.setString(db, 0, 1, 0, 0);
    const codes = [
      calls.zsetAdd(db, 0, 1, 1, 0),
      calls.addOne(db, 0, 1, 2),
      calls.popOne(db, 0, 0),
      calls.zsetRemove(db, 0, 1, 1),
      calls.zsetLength(db, 0),
      calls.zsetReplyScores(db, 0, 1, 1),
      calls.zsetReplyRank(db, 0, 1, 0, 0),
      calls.zsetCountBetween(db, 0, RANGE_BY_SCORE, 1, 1),
      calls.zsetRangeByBounds(db, 0, RANGE_BY_NAME, 2, 2, 0, -1, 0, 0),
      calls.zsetRangeByRank(db, 0, 0, -1, 0, 0),
      calls.zsetRemoveRanks(db, 0, 0, -1),
      calls.zsetRemoveBetween(db, 0, RANGE_BY_SCORE, 1, 1),
      calls.zsetScan(db, 0, 0, 10, 0, 1),
    ];
    assertEquals(codes, codes.map(() => WRONG_TYPE));
    assertEquals(host.take(), []);
    assertEquals(RANGE_BY_RANK, 0);
  });

  test("a draft has the form that its members need", (host) => {
    const { calls, db } = host;
    const draft = calls.zsetDraft.value >>> 0;
    calls.setSortedSetLimits(3, 8);
    const build = (words: string[]) => {
      const longest = Math.max(...words.map((word) => word.length));
      assertEquals(calls.newZset(words.length, longest), 0);
      words.forEach((word, i) => {
        host.say(word);
        const ptr = calls.argPtr(0) >>> 0;
        assertEquals(calls.zsetPut(draft, i, ptr, word.length), 0);
      });
    };
    const rows: [string[], number][] = [
      [["a", "b", "a"], LISTPACK],
      [["a", "b", "c", "d"], SKIPLIST],
      [["123456789"], SKIPLIST],
    ];
    for (const [words, encoding] of rows) {
      build(words);
      host.say("z");
      const value = host.word(draft + 8);
      const kind = host.bytes(draft, 1)[0];
      calls.overwriteValue(db, KEY, TYPE_ZSET, kind & 15, value);
      assertEquals(host.encoding("z"), encoding, String(words));
      const model = new Model();
      words.forEach((word, i) => model.add([[i, word]], 0));
      host.check("z", model, String(words));
    }
    const used = host.used();
    build(["a", "b", "c"]);
    calls.dropDraft();
    assertEquals(host.used(), used);
  });
}

Deno.test("ZADD without memory leaves a sorted set as it was", async () => {
  const host = await ZsetHost.load(true);
  const { calls, db } = host;
  const random = new Random(SEED + 50);
  let failures = 0;
  for (const entries of [10, 200, 0]) {
    calls.setSortedSetLimits(entries, 20);
    const model = new Model();
    for (let turn = 0; turn < 400; turn++) {
      const context = `limit ${entries} turn ${turn}`;
      const pairs = Array.from(
        { length: 1 + random.int(5) },
        (): [number, string] => [random.int(9) / 2, `m${random.int(80)}`],
      );
      for (let count = 0;; count++) {
        host.say("z", ...pairs.flat());
        calls.failAllocationsAfter(count);
        const code = calls.zsetAdd(db, KEY, 1, pairs.length, 0);
        calls.failAllocationsAfter(-1);
        calls.outReset();
        if (code === 0) break;
        failures++;
        assertEquals(code, OUT_OF_MEMORY);
        if (failures % 7 === 0) host.check("z", model, context);
      }
      model.add(pairs, 0);
      if (turn % 20 === 0) host.check("z", model, context);
    }
    host.check("z", model, "at the end");
    host.say("z");
    calls.deleteKey(db, KEY);
  }
  assert(failures > 500, `only ${failures} failures`);
});
