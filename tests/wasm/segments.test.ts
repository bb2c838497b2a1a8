import { assert, assertEquals, assertThrows } from "@std/assert";
import { Random } from "../support/random.ts";
import {
  type AllocatorExports,
  BUILDS,
  Instance,
  loadModules,
} from "../support/wasm.ts";

interface Exports extends AllocatorExports {
  segmentsInit(control: number, elementBytes: number): void;
  segmentsCount(control: number): number;
  segmentsAt(control: number, index: number, elementBytes: number): number;
  segmentsAppend(control: number): number;
  segmentsPop(control: number): void;
  segmentsFree(control: number): void;
  verifySegments(control: number): number;
}

const SEED = 20261121;
const CONTROL_BYTES = 16;
const CAPACITY = 8;
const NEVER = -1;

/** One array of numbers; an element holds its number in all of its bytes. */
class List {
  readonly control: number;

  constructor(
    readonly heap: Instance<Exports>,
    readonly elementBytes: number,
  ) {
    this.control = heap.alloc(CONTROL_BYTES);
    heap.calls.segmentsInit(this.control, elementBytes);
  }

  static async make(debug: boolean, elementBytes: number): Promise<List> {
    const names = ["allocator", "segments"];
    const heap = new Instance(await loadModules<Exports>(names, { debug }));
    return new List(heap, elementBytes);
  }

  get count(): number {
    return this.heap.calls.segmentsCount(this.control);
  }

  get capacity(): number {
    return this.heap.word(this.control + CAPACITY);
  }

  at(index: number): number {
    const { calls } = this.heap;
    return calls.segmentsAt(this.control, index, this.elementBytes) >>> 0;
  }

  /** Whether there was memory for another element. */
  append(value: number): boolean {
    const ptr = this.heap.calls.segmentsAppend(this.control) >>> 0;
    if (ptr === 0) return false;
    assertEquals(ptr, this.at(this.count - 1));
    if (this.elementBytes % 64 === 0) assertEquals(ptr % 64, 0);
    this.heap.bytes(ptr, this.elementBytes).fill(value);
    return true;
  }

  appendMany(count: number): void {
    for (let i = 0; i < count; i++) assert(this.append(this.count & 255));
  }

  pop(): void {
    this.heap.calls.segmentsPop(this.control);
  }

  popMany(count: number): void {
    for (let i = 0; i < count; i++) this.pop();
  }

  free(): void {
    this.heap.calls.segmentsFree(this.control);
  }

  expect(index: number, value: number): void {
    const bytes = this.heap.bytes(this.at(index), this.elementBytes);
    if (bytes.some((byte) => byte !== value)) {
      throw new Error(`element ${index} is not all ${value}`);
    }
  }

  verify(): void {
    assertEquals(this.heap.calls.verifySegments(this.control), 0);
  }
}

/** Grows and shrinks in waves, so that whole segments come and go. */
function runAgainstModel(list: List, random: Random, stepCount: number): void {
  const model: number[] = [];
  const wave = Math.min(40_000, Math.ceil(200_000 / list.elementBytes));
  const checkCount = Math.min(200, 4 + Math.ceil(100_000 / list.elementBytes));
  let mayFail = false;
  for (let step = 0; step < stepCount; step++) {
    const isGrowing = random.chance(0.5);
    for (let burst = random.int(wave); burst > 0; burst--) {
      if (isGrowing) {
        const value = random.int(256);
        if (list.append(value)) model.push(value);
        else assert(mayFail);
      } else if (model.length > 0) {
        list.pop();
        model.pop();
      }
    }
    if (random.chance(0.1)) {
      list.free();
      model.length = 0;
    }
    mayFail = random.chance(0.3);
    list.heap.calls.failAllocationsAfter(mayFail ? random.int(3) : NEVER);
    assertEquals(list.count, model.length);
    list.verify();
    list.heap.verify();
    for (let i = 0; i < checkCount && model.length > 0; i++) {
      const index = i < 20 ? model.length - 1 - i : random.int(model.length);
      if (index >= 0) list.expect(index, model[index]);
    }
  }
}

for (const { name, debug } of BUILDS) {
  const test = (what: string, run: () => Promise<void>) =>
    Deno.test(`segments (${name}): ${what}`, run);

  test("an empty array has allocated nothing", async () => {
    const list = await List.make(debug, 64);
    const usedBytes = list.heap.calls.usedBytes();
    list.verify();
    list.append(1);
    assert(list.heap.calls.usedBytes() > usedBytes);
    list.free();
    assertEquals(list.heap.calls.usedBytes(), usedBytes);
    list.free();
    list.verify();
  });

  for (const elementBytes of [1, 8, 12, 16, 64, 100, 40_000, 65_535]) {
    test(`elements of ${elementBytes} bytes at every border`, async () => {
      const list = await List.make(debug, elementBytes);
      const most = Math.min(10_000, Math.ceil(300_000 / elementBytes));
      for (let count = 0; count < most; count++) {
        const capacity = list.capacity;
        assert(list.append(count & 255));
        if (list.capacity === capacity) continue;
        list.verify();
        for (let i = 0; i <= count; i++) list.expect(i, i & 255);
      }
      for (let count = most; count > 0; count--) {
        const capacity = list.capacity;
        list.pop();
        assert(list.capacity <= Math.max(count * 4, 64, capacity / 2));
        if (list.capacity === capacity) continue;
        list.verify();
        for (let i = 0; i < count - 1; i++) list.expect(i, i & 255);
      }
      assertEquals(list.count, 0);
      list.heap.verify();
    });

    const seed = SEED + elementBytes;
    test(`random work on ${elementBytes} bytes (seed ${seed})`, async () => {
      const list = await List.make(debug, elementBytes);
      runAgainstModel(list, new Random(seed), 60);
    });
  }

  test("nothing comes out of an empty array", async () => {
    const list = await List.make(debug, 64);
    assertThrows(() => list.pop(), WebAssembly.RuntimeError);
    list.appendMany(1);
    list.pop();
    assertThrows(() => list.pop(), WebAssembly.RuntimeError);
  });

  test("the fuzz notices a lost byte", async () => {
    const list = await List.make(debug, 16);
    list.appendMany(10);
    list.heap.bytes(list.at(5) + 3, 1).fill(99);
    assertThrows(() => {
      for (let i = 0; i < 10; i++) list.expect(i, i);
    });
  });

  test("swaying around a border allocates nothing", async () => {
    const list = await List.make(debug, 64);
    for (const count of [64, 512, 1024, 2048, 3072]) {
      list.appendMany(count + 1 - list.count);
      const capacity = list.capacity;
      for (let i = 0; i < 20; i++) {
        list.pop();
        list.pop();
        list.appendMany(2);
        assertEquals(list.capacity, capacity);
      }
    }
  });

  test("a huge array costs little more than its elements", async () => {
    const list = await List.make(debug, 64);
    const before = list.heap.calls.usedBytes();
    list.appendMany(50_000);
    const most = Math.ceil(50_000 / 1024) * 65_536 + 512;
    assert(list.heap.calls.usedBytes() - before <= most);
    list.popMany(50_000);
    assert(list.heap.calls.usedBytes() - before <= 128);
    list.verify();
  });

  test("without memory the array stays as it was", async () => {
    const list = await List.make(debug, 64);
    list.heap.close();
    const filler = list.heap.exhaust(20_000);
    for (const bytes of [15_000, 4000, 1000, 200, 60, 24, 8]) {
      list.heap.exhaust(bytes);
    }
    assertEquals(list.append(1), false);
    list.verify();
    for (const ptr of filler.slice(0, 40)) list.heap.calls.free(ptr);
    while (list.append(list.count & 255)) list.verify();
    const count = list.count;
    assert(count > 1024);
    assertEquals(list.append(1), false);
    assertEquals(list.count, count);
    for (let i = 0; i < count; i++) list.expect(i, i & 255);
    list.popMany(count);
    list.verify();
    list.heap.verify();
  });

  test("the control block may be copied elsewhere", async () => {
    const list = await List.make(debug, 64);
    list.appendMany(3000);
    const copy = new List(list.heap, 64);
    list.heap.bytes(copy.control, CONTROL_BYTES)
      .set(list.heap.bytes(list.control, CONTROL_BYTES));
    copy.verify();
    copy.expect(2999, 2999 & 255);
    copy.popMany(3000);
    copy.free();
    list.heap.verify();
  });

  const rows: [number, string, (list: List) => void][] = [
    [1, "no element size", (list) => {
      list.heap.setWord(list.control + 12, 0);
    }],
    [2, "more elements than room", (list) => {
      list.heap.setWord(list.control + 4, 5000);
    }],
    [3, "a capacity that no array has", (list) => {
      list.heap.setWord(list.control + 8, 3000);
    }],
    [4, "a directory that is no block", (list) => {
      list.heap.setWord(list.control, list.heap.word(list.control) + 4);
    }],
    [5, "a segment that is no block", (list) => {
      const directory = list.heap.word(list.control);
      const segment = list.heap.word(directory + 4);
      list.heap.setWord(directory + 4, segment + 64);
    }],
  ];
  for (const [invariant, what, corrupt] of rows) {
    test(`verify names invariant ${invariant}: ${what}`, async () => {
      const list = await List.make(debug, 64);
      list.appendMany(2500);
      list.verify();
      corrupt(list);
      const { calls } = list.heap;
      assertEquals(calls.verifySegments(list.control), invariant);
    });
  }
}
