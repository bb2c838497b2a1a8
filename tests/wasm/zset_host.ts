/**
 * The engine's sorted sets for tests, and a sorted array that they must agree
 * with. Words are text, one character for each byte.
 */
import { assertEquals } from "@std/assert";
import {
  ADD_COUNT_CHANGED,
  ADD_INCREMENT,
  ADD_ONLY_GREATER,
  ADD_ONLY_LESS,
  ADD_ONLY_NEW,
  ADD_ONLY_OLD,
  SCORE_IS_NAN,
} from "../../wasm/codes.ts";
import { loadModules } from "../support/wasm.ts";
import { type DatabaseExports, DatabaseHost } from "./word_host.ts";

export interface ZsetExports extends DatabaseExports {
  setResp(version: number): void;
  argPtr(index: number): number;
  dbSize(db: number): number;
  deleteKey(db: number, key: number): number;
  copyKey(
    db: number,
    key: number,
    toDb: number,
    to: number,
    replace: number,
  ): number;
  kindOf(db: number, key: number): number;
  footprintOf(db: number, key: number): number;
  verifyValue(entry: number): number;
  reclaim(maxCount: number): number;
  lazyfreePending(): number;
  takeChanges(): number;
  setString(
    db: number,
    key: number,
    to: number,
    how: number,
    due: number,
  ): number;
  setSortedSetLimits(entries: number, valueBytes: number): void;
  wasEmptied(): number;
  zsetAdd(
    db: number,
    key: number,
    first: number,
    count: number,
    flags: number,
  ): number;
  zsetChanged(): number;
  addOne(db: number, key: number, score: number, member: number): number;
  popOne(db: number, key: number, fromEnd: number): number;
  zsetRemove(db: number, key: number, first: number, count: number): number;
  zsetLength(db: number, key: number): number;
  zsetReplyScores(
    db: number,
    key: number,
    first: number,
    count: number,
  ): number;
  zsetReplyRank(
    db: number,
    key: number,
    member: number,
    reverse: number,
    withScore: number,
  ): number;
  zsetPop(
    db: number,
    key: number,
    count: number,
    fromEnd: number,
    form: number,
  ): number;
  zsetCountBetween(
    db: number,
    key: number,
    by: number,
    low: number,
    high: number,
  ): number;
  zsetRangeByBounds(
    db: number,
    key: number,
    by: number,
    low: number,
    high: number,
    offset: number,
    limit: number,
    reverse: number,
    withScores: number,
  ): number;
  zsetRangeByRank(
    db: number,
    key: number,
    start: number,
    stop: number,
    reverse: number,
    withScores: number,
  ): number;
  zsetRemoveBetween(
    db: number,
    key: number,
    by: number,
    low: number,
    high: number,
  ): number;
  zsetRemoveRanks(
    db: number,
    key: number,
    start: number,
    stop: number,
  ): number;
  zsetScan(
    db: number,
    key: number,
    cursor: number,
    count: number,
    pattern: number,
    withScores: number,
  ): number;
  zsetScanned(): number;
  zsetDraft: WebAssembly.Global;
  newZset(countHint: number, lengthHint: number): number;
  zsetPut(entry: number, score: number, ptr: number, n: number): number;
  dropDraft(): void;
  overwriteValue(
    db: number,
    key: number,
    type: number,
    encoding: number,
    value: number,
  ): number;
}

const MODULES = [
  ...["allocator", "arguments", "database", "keys", "limits", "reply"],
  ...["statistics", "string", "value", "zset", "zset_pop", "zset_range"],
  ...["zset_scan", "zset_value"],
  ...["attach", "graveyard", "lookup"],
];

export const KEY = 0;

export class ZsetHost extends DatabaseHost<ZsetExports> {
  static async load(debug: boolean): Promise<ZsetHost> {
    return new ZsetHost(await loadModules<ZsetExports>(MODULES, { debug }));
  }

  /** Numbers are scores. */
  override say(...words: (string | number)[]): void {
    super.say(...words.map(wordOf));
  }

  /** The replies since the last call, as words without their headers. */
  take(): string[] {
    const text = this.takeText();
    const words: string[] = [];
    for (let at = 0; at < text.length;) {
      const end = text.indexOf("\r\n", at);
      const header = text.slice(at, end);
      at = end + 2;
      if (header[0] === "$" && header !== "$-1") {
        const byteCount = Number(header.slice(1));
        words.push(text.slice(at, at + byteCount));
        at += byteCount + 2;
      } else if (header[0] !== "*") words.push(header.slice(1));
    }
    return words;
  }

  encoding(key: string): number {
    this.say(key);
    return this.calls.kindOf(this.db, KEY) & 15;
  }

  /** Members and scores in order. */
  read(key: string): string[] {
    this.say(key);
    assertEquals(this.calls.zsetRangeByRank(this.db, KEY, 0, -1, 0, 1), 0);
    return this.take();
  }

  check(key: string, model: Model, context: string): void {
    const entry = this.entry(key);
    assertEquals(this.calls.verifyDatabase(this.db), 0, context);
    if (entry) assertEquals(this.calls.verifyValue(entry), 0, context);
    assertEquals(this.read(key), model.words(), context);
  }
}

function wordOf(word: string | number): string {
  return typeof word === "number" ? scoreText(word) : word;
}

export function scoreText(score: number): string {
  return String(score).replace("Infinity", "inf");
}

export interface Bound {
  value: number | string;
  excluded: boolean;
}

/** Does by plain means what sorted sets promise. */
export class Model {
  elements: { score: number; name: string }[] = [];

  words(elements = this.elements): string[] {
    return elements.flatMap(({ score, name }) => [name, scoreText(score)]);
  }

  find(name: string) {
    return this.elements.find((element) => element.name === name);
  }

  /** ZADD: the reply's words, or SCORE_IS_NAN. */
  add(pairs: [number, string][], flags: number): string[] | number {
    let added = 0, changed = 0;
    let result = "-1";
    for (const [given, name] of pairs) {
      const old = this.find(name);
      if (old ? flags & ADD_ONLY_NEW : flags & ADD_ONLY_OLD) continue;
      let score = given;
      if (old) {
        if (flags & ADD_INCREMENT) score += old.score;
        if (Number.isNaN(score)) return SCORE_IS_NAN;
        if (flags & ADD_ONLY_GREATER && score <= old.score) continue;
        if (flags & ADD_ONLY_LESS && score >= old.score) continue;
        if (old.score !== score) changed++;
        old.score = score;
      } else {
        added++;
        this.elements.push({ score, name });
      }
      result = scoreText(score);
    }
    this.sort();
    if (flags & ADD_INCREMENT) return [result];
    return [String(added + (flags & ADD_COUNT_CHANGED ? changed : 0))];
  }

  sort(): void {
    this.elements.sort((a, b) =>
      a.score !== b.score
        ? a.score < b.score ? -1 : 1
        : a.name < b.name
        ? -1
        : 1
    );
  }

  /** The elements between two bounds, by score or by name. */
  between(low: Bound, high: Bound) {
    return this.elements.filter(({ score, name }) => {
      const value = typeof low.value === "number" ? score : name;
      const isAbove = low.excluded ? value > low.value : value >= low.value;
      const isBelow = high.excluded ? value < high.value : value <= high.value;
      return isAbove && isBelow;
    });
  }

  remove(elements: { name: string }[]): void {
    const names = new Set(elements.map(({ name }) => name));
    this.elements = this.elements.filter(({ name }) => !names.has(name));
  }
}
