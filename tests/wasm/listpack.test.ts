/** Listpacks against a plain list of texts, and their bytes as Redis has them. */
import { assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import {
  type AllocatorExports,
  BUILDS,
  Instance,
  loadModules,
} from "../support/wasm.ts";

interface Exports extends AllocatorExports {
  replyInit(): number;
  outBase(): number;
  outLength(): number;
  outReset(): number;
  listpackNew(): number;
  listpackBytes(lp: number): number;
  listpackCount(lp: number): number;
  listpackFirst(lp: number): number;
  listpackLast(lp: number): number;
  listpackNext(lp: number, at: number): number;
  listpackPrevious(lp: number, at: number): number;
  listpackSeek(lp: number, index: number): number;
  listpackEnd(lp: number): number;
  listpackFind(
    lp: number,
    from: number,
    ptr: number,
    byteCount: number,
    skip: number,
  ): number;
  replyElement(at: number): void;
  listpackInsert(lp: number, at: number, ptr: number, n: number): number;
  listpackInsertInteger(lp: number, at: number, value: bigint): number;
  listpackReplace(lp: number, at: number, ptr: number, n: number): number;
  listpackReplaceInteger(lp: number, at: number, value: bigint): number;
  listpackDelete(lp: number, at: number, count: number): number;
  listpackMerge(lp: number, other: number): number;
  verifyListpack(lp: number): number;
  listpackAt: { value: number };
}

const SEED = 20261121;
const STEP_COUNT = 3000;
const TEXT_BYTES = 200_000;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A listpack and the texts that it should hold. */
class Pack {
  texts: string[] = [];
  lp: number;
  readonly #text: number;

  constructor(readonly heap: Instance<Exports>) {
    heap.calls.replyInit();
    this.#text = heap.alloc(TEXT_BYTES);
    this.lp = heap.calls.listpackNew() >>> 0;
  }

  static async make(debug: boolean): Promise<Pack> {
    const names = ["allocator", "listpack", "listpack_edit", "reply"];
    return new Pack(new Instance(await loadModules<Exports>(names, { debug })));
  }

  /** Puts a text where the engine can read it. */
  put(text: string): [ptr: number, byteCount: number] {
    const bytes = encoder.encode(text);
    this.heap.bytes(this.#text, bytes.length).set(bytes);
    return [this.#text, bytes.length];
  }

  get calls(): Exports {
    return this.heap.calls;
  }

  /** The address of an element, or of the end mark. */
  at(index: number): number {
    return index === this.texts.length
      ? this.calls.listpackEnd(this.lp) >>> 0
      : this.calls.listpackSeek(this.lp, index) >>> 0;
  }

  read(at: number): string {
    this.calls.outReset();
    this.calls.replyElement(at);
    const base = this.calls.outBase() >>> 0;
    const bytes = this.heap.bytes(base, this.calls.outLength()).slice();
    const reply = decoder.decode(bytes);
    const start = reply.indexOf("\r\n") + 2;
    assertEquals(Number(reply.slice(1, start - 2)), bytes.length - start - 2);
    return reply.slice(start, -2);
  }

  moved(lp: number): void {
    assertEquals(lp >>> 0 !== 0, true);
    this.lp = lp >>> 0;
  }

  insert(index: number, text: string): void {
    const at = this.at(index);
    const [ptr, byteCount] = this.put(text);
    this.moved(this.calls.listpackInsert(this.lp, at, ptr, byteCount));
    this.texts.splice(index, 0, text);
    assertEquals(this.read(this.calls.listpackAt.value >>> 0), text);
  }

  insertInteger(index: number, value: bigint): void {
    const at = this.at(index);
    this.moved(this.calls.listpackInsertInteger(this.lp, at, value));
    this.texts.splice(index, 0, String(value));
  }

  replace(index: number, text: string): void {
    const at = this.at(index);
    const [ptr, byteCount] = this.put(text);
    this.moved(this.calls.listpackReplace(this.lp, at, ptr, byteCount));
    this.texts[index] = text;
    assertEquals(this.read(this.calls.listpackAt.value >>> 0), text);
  }

  replaceInteger(index: number, value: bigint): void {
    const at = this.at(index);
    this.moved(this.calls.listpackReplaceInteger(this.lp, at, value));
    this.texts[index] = String(value);
  }

  delete(index: number, count: number): void {
    const at = this.at(index);
    this.moved(this.calls.listpackDelete(this.lp, at, count));
    this.texts.splice(index, count);
    const next = this.calls.listpackAt.value >>> 0;
    assertEquals(next, index < this.texts.length ? this.at(index) : 0);
  }

  find(text: string, from: number, skip: number): void {
    const [ptr, byteCount] = this.put(text);
    const start = from < this.texts.length ? this.at(from) : 0;
    const found = this.calls.listpackFind(this.lp, start, ptr, byteCount, skip);
    let index = from;
    while (index < this.texts.length && this.texts[index] !== text) {
      index += skip + 1;
    }
    const expected = index < this.texts.length ? this.at(index) : 0;
    assertEquals(found >>> 0, expected);
  }

  check(): void {
    assertEquals(this.calls.verifyListpack(this.lp), 0);
    assertEquals(this.calls.listpackCount(this.lp), this.texts.length);
    const forwards = [];
    let at = this.calls.listpackFirst(this.lp) >>> 0;
    for (; at; at = this.calls.listpackNext(this.lp, at) >>> 0) {
      forwards.push(this.read(at));
    }
    assertEquals(forwards, this.texts);
    const backwards = [];
    at = this.calls.listpackLast(this.lp) >>> 0;
    for (; at; at = this.calls.listpackPrevious(this.lp, at) >>> 0) {
      backwards.unshift(this.read(at));
    }
    assertEquals(backwards, this.texts);
    assertEquals(this.calls.listpackSeek(this.lp, this.texts.length), 0);
    assertEquals(this.calls.listpackSeek(this.lp, -this.texts.length - 1), 0);
  }
}

const EDGES = [0n, 127n, 128n, 4095n, 4096n, 32767n, 32768n, 8388607n, 8388608n]
  .concat([2147483647n, 2147483648n, 9223372036854775807n])
  .flatMap((value) => [value, -value, -value - 1n]);

function randomInteger(random: Random): bigint {
  if (random.chance(0.5)) return random.pick(EDGES);
  return BigInt.asIntN(1 + random.int(64), BigInt(random.int(2 ** 32)) ** 2n);
}

function randomText(random: Random): string {
  if (random.chance(0.4)) return String(randomInteger(random));
  const lengths = [0, 1, 5, 62, 63, 64, 65, 126, 127, 128, 300, 4095, 4096];
  const length = random.chance(0.02) ? 20_000 : random.pick(lengths);
  return random.pick(["a", "-", "0", "x1"]).repeat(length).slice(0, length);
}

function step(pack: Pack, random: Random): void {
  const { length } = pack.texts;
  const index = random.int(length + 1);
  const choice = random.int(length > 60 ? 12 : 8);
  if (choice < 3 || length === 0) pack.insert(index, randomText(random));
  else if (choice < 4) pack.insertInteger(index, randomInteger(random));
  else if (choice < 5) pack.replace(random.int(length), randomText(random));
  else if (choice < 6) {
    pack.replaceInteger(random.int(length), randomInteger(random));
  } else if (choice < 7) {
    const text = random.chance(0.7)
      ? random.pick(pack.texts)
      : randomText(random);
    pack.find(text, index, random.int(3));
  } else pack.delete(random.int(length), 1 + random.int(4));
}

for (const { name, debug } of BUILDS) {
  Deno.test(`a listpack does what a list of texts does (${name})`, async () => {
    const random = new Random(SEED);
    const pack = await Pack.make(debug);
    for (let i = 0; i < STEP_COUNT; i++) {
      step(pack, random);
      if (i % 16 === 0) pack.check();
    }
    pack.check();
    pack.heap.verify();
  });

  Deno.test(`two listpacks become one (${name})`, async () => {
    const pack = await Pack.make(debug);
    for (const text of ["a", "2", "-300"]) pack.insert(0, text);
    const first = pack.lp;
    const texts = pack.texts;
    pack.lp = pack.calls.listpackNew() >>> 0;
    pack.texts = [];
    for (const text of ["x", "y"]) pack.insert(0, text);
    pack.moved(pack.calls.listpackMerge(pack.lp, first));
    pack.texts.push(...texts);
    pack.check();
  });
}

Deno.test("a listpack's bytes are those of Redis", async () => {
  const pack = await Pack.make(false);
  const texts = ["1", "-1", "4096", "70000", "1234567890", "ab"];
  texts.forEach((text, i) => pack.insert(i, text));
  const bytes = pack.heap.bytes(pack.lp, pack.calls.listpackBytes(pack.lp));
  const elements = "0101" + "dfff02" + "f1001003" + "f270110104" +
    "f3d202964905" + "82616203";
  assertEquals(bytes.toHex(), "1f0000000600" + elements + "ff");
});

Deno.test("more elements than the count can say are counted", async () => {
  const pack = await Pack.make(false);
  for (let i = 0; i < 65_540; i++) {
    pack.moved(
      pack.calls.listpackInsertInteger(pack.lp, pack.lp + 6, 7n),
    );
  }
  assertEquals(pack.calls.listpackCount(pack.lp), 65_540);
  pack.moved(pack.calls.listpackDelete(pack.lp, pack.lp + 6, 10));
  assertEquals(pack.calls.listpackCount(pack.lp), 65_530);
  assertEquals(pack.calls.verifyListpack(pack.lp), 0);
});

Deno.test("a listpack that finds no memory stays as it is", async () => {
  const pack = await Pack.make(true);
  for (const text of ["a", "b", "3"]) pack.insert(0, text);
  const [ptr, byteCount] = pack.put("long".repeat(100));
  pack.calls.failAllocationsAfter(0);
  assertEquals(pack.calls.listpackInsert(pack.lp, pack.at(1), ptr, 400), 0);
  assertEquals(
    pack.calls.listpackReplace(pack.lp, pack.at(1), ptr, byteCount),
    0,
  );
  pack.calls.failAllocationsAfter(-1);
  pack.check();
});
