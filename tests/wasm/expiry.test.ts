import { assert, assertEquals, assertThrows } from "@std/assert";
import { Random } from "../support/random.ts";
import {
  type AllocatorExports,
  BUILDS,
  Instance,
  loadModules,
} from "../support/wasm.ts";

interface Exports extends AllocatorExports {
  heapInit(heap: number): void;
  heapSize(heap: number): number;
  heapFree(heap: number): void;
  heapFirstDue(heap: number): number;
  heapFirstOwner(heap: number): number;
  heapAt(heap: number, position: number): number;
  heapDueAt(heap: number, position: number): number;
  heapInsert(heap: number, due: number, owner: number): number;
  heapUpdate(heap: number, position: number, due: number): void;
  heapRemove(heap: number, position: number): void;
  heapMoved(heap: number, position: number, newOwner: number): void;
  heapPosition(owner: number): number;
  verifyExpiry(heap: number): number;
}

const SEED = 20261122;
const CONTROL_BYTES = 16;
const OWNER_BYTES = 40;
const ELEMENT_BYTES = 12;
const UNUSED_SLOTS = 3;
const OUT_OF_MEMORY = -1;
const NEVER = -1;

/** The index beside what a plain program knows: who is due when. */
class Index {
  readonly heap: number;
  readonly dues = new Map<number, number>();

  constructor(readonly instance: Instance<Exports>) {
    this.heap = instance.alloc(CONTROL_BYTES);
    instance.calls.heapInit(this.heap);
  }

  static async make(debug: boolean): Promise<Index> {
    const names = ["allocator", "segments", "expiry", "entry"];
    return new Index(
      new Instance(await loadModules<Exports>(names, { debug })),
    );
  }

  get calls(): Exports {
    return this.instance.calls;
  }

  position(owner: number): number {
    return this.calls.heapPosition(owner) >>> 0;
  }

  /** Whether there was memory for a new owner. */
  insert(due: number): boolean {
    const owner = this.instance.alloc(OWNER_BYTES);
    if (owner === 0) return false;
    const code = this.calls.heapInsert(this.heap, due, owner);
    if (code === OUT_OF_MEMORY) {
      this.calls.free(owner);
      return false;
    }
    assertEquals(code, 0);
    this.dues.set(owner, due);
    return true;
  }

  update(owner: number, due: number): void {
    this.calls.heapUpdate(this.heap, this.position(owner), due);
    this.dues.set(owner, due);
  }

  remove(owner: number): void {
    this.calls.heapRemove(this.heap, this.position(owner));
    this.dues.delete(owner);
    this.calls.free(owner);
  }

  /** Puts the owner's block elsewhere, as when its value grows. */
  move(owner: number): void {
    const moved = this.instance.alloc(OWNER_BYTES);
    if (moved === 0) return;
    this.calls.heapMoved(this.heap, this.position(owner), moved);
    this.dues.set(moved, this.dues.get(owner)!);
    this.dues.delete(owner);
    this.calls.free(owner);
  }

  free(): void {
    this.calls.heapFree(this.heap);
    for (const owner of this.dues.keys()) this.calls.free(owner);
    this.dues.clear();
  }

  firstOwner(): number {
    return this.calls.heapFirstOwner(this.heap) >>> 0;
  }

  check(): void {
    assertEquals(this.calls.verifyExpiry(this.heap), 0);
    assertEquals(this.calls.heapSize(this.heap), this.dues.size);
    let first = Infinity;
    for (const due of this.dues.values()) first = Math.min(first, due);
    assertEquals(this.calls.heapFirstDue(this.heap), first);
    if (this.dues.size > 0) {
      assertEquals(this.dues.get(this.firstOwner()), first);
    }
  }

  /** Every owner is at exactly one position, with its due time. */
  checkAll(): void {
    this.check();
    const met = new Set<number>();
    for (let position = 0; position < this.dues.size; position++) {
      const owner = this.calls.heapAt(this.heap, position) >>> 0;
      const due = this.calls.heapDueAt(this.heap, position);
      assertEquals(due, this.dues.get(owner));
      met.add(owner);
    }
    assertEquals(met.size, this.dues.size);
  }

  slot(position: number): number {
    const directory = this.instance.word(this.heap);
    return this.instance.word(directory) +
      (position + UNUSED_SLOTS) * ELEMENT_BYTES;
  }
}

/** One random step; due times repeat often, and most updates are later. */
function step(index: Index, owners: number[], random: Random): void {
  const some = () => random.int(1000) * 1.5;
  const choice = random.int(100);
  if (choice < 40 || owners.length === 0) {
    if (index.insert(some())) owners.push([...index.dues.keys()].at(-1)!);
    return;
  }
  const at = random.int(owners.length);
  const owner = owners[at];
  if (choice < 60) {
    const due = index.dues.get(owner)!;
    index.update(owner, random.chance(0.7) ? due + some() : some());
  } else if (choice < 75) {
    index.move(owner);
    owners[at] = [...index.dues.keys()].at(-1)!;
    if (index.dues.has(owner)) owners[at] = owner;
  } else if (choice < 99) {
    const gone = random.chance(0.5) ? index.firstOwner() : owner;
    index.remove(gone);
    owners.splice(owners.indexOf(gone), 1);
  } else if (random.chance(0.1)) {
    index.free();
    owners.length = 0;
  }
}

for (const { name, debug } of BUILDS) {
  const test = (what: string, run: () => Promise<void>) =>
    Deno.test(`expiry (${name}): ${what}`, run);

  test("an empty index is due never and has allocated nothing", async () => {
    const index = await Index.make(debug);
    const usedBytes = index.calls.usedBytes();
    index.check();
    assertEquals(index.calls.heapFirstDue(index.heap), Infinity);
    index.insert(5);
    index.remove(index.firstOwner());
    index.check();
    index.free();
    assertEquals(index.calls.usedBytes(), usedBytes);
    index.check();
  });

  test("owners come out in the order of their due times", async () => {
    const index = await Index.make(debug);
    const random = new Random(SEED);
    for (let i = 0; i < 10_000; i++) assert(index.insert(random.int(1e9)));
    index.checkAll();
    let last = -Infinity;
    for (let left = 10_000; left > 0; left--) {
      const owner = index.firstOwner();
      const due = index.dues.get(owner)!;
      assert(due >= last);
      last = due;
      index.remove(owner);
      if (left % 500 === 0) index.check();
    }
    index.check();
    index.instance.verify();
  });

  test(`random work agrees with a model (seed ${SEED})`, async () => {
    const index = await Index.make(debug);
    const random = new Random(SEED);
    const owners: number[] = [];
    for (let i = 0; i < 4000; i++) {
      if (random.chance(0.05)) {
        const count = random.chance(0.5) ? random.int(4) : NEVER;
        index.calls.failAllocationsAfter(count);
      }
      step(index, owners, random);
      index.check();
      if (i % 100 === 0) index.checkAll();
    }
    index.checkAll();
    index.instance.verify();
  });

  test(`random work across segments (seed ${SEED})`, async () => {
    const index = await Index.make(debug);
    const random = new Random(SEED);
    for (let i = 0; i < 13_000; i++) assert(index.insert(random.int(1e6)));
    const owners = [...index.dues.keys()];
    for (let i = 0; i < 13_000; i++) {
      const owner = owners[i];
      if (i % 3 === 0) index.update(owner, random.int(1e6));
      else index.remove(owner);
      if (i % 1000 === 0) index.checkAll();
    }
    index.checkAll();
  });

  test("the fuzz notices a wrong due time", async () => {
    const index = await Index.make(debug);
    const random = new Random(SEED);
    const owners: number[] = [];
    for (let i = 0; i < 200; i++) step(index, owners, random);
    const slot = index.slot(index.dues.size >> 1);
    index.instance.bytes(slot, 8).set([0, 0, 0, 0, 0, 0, 0, 0xc0]);
    assertThrows(() => {
      for (let i = 0; i < 200; i++) {
        step(index, owners, random);
        index.check();
      }
    });
  });

  test("Infinity and equal due times are in order", async () => {
    const index = await Index.make(debug);
    for (const due of [Infinity, 1, 1, -Infinity, 1, Infinity, 0, -0]) {
      assert(index.insert(due));
      index.check();
    }
    for (let size = 8; size > 0; size--) {
      index.remove(index.firstOwner());
      index.check();
    }
  });

  test("an owner of the other kind is passed on as it is", async () => {
    const index = await Index.make(debug);
    const owner = index.instance.alloc(OWNER_BYTES) + 1;
    assertEquals(index.calls.heapInsert(index.heap, 7, owner), 0);
    assert(index.insert(5));
    assert(index.insert(9));
    assertEquals(index.calls.verifyExpiry(index.heap), 0);
    index.remove(index.firstOwner());
    assertEquals(index.firstOwner(), owner);
    assertEquals(index.calls.verifyExpiry(index.heap), 0);
  });

  test("without memory the index stays as it was", async () => {
    const index = await Index.make(debug);
    const owners = Array.from(
      { length: 20_000 },
      () => index.instance.alloc(OWNER_BYTES),
    );
    index.instance.close();
    const filler = index.instance.exhaust(20_000);
    for (const bytes of [15_000, 4000, 1000, 200, 60, 24, 8]) {
      index.instance.exhaust(bytes);
    }
    const { calls, heap } = index;
    assertEquals(calls.heapInsert(heap, 1, owners[0]), OUT_OF_MEMORY);
    index.check();
    for (const ptr of filler.slice(0, 10)) calls.free(ptr);
    let count = 0;
    while (calls.heapInsert(heap, -count, owners[count]) === 0) count++;
    assert(count > 4096 && count < owners.length);
    assertEquals(calls.heapSize(heap), count);
    assertEquals(calls.verifyExpiry(heap), 0);
    calls.heapUpdate(heap, index.position(owners[count - 1]), 5);
    assertEquals(calls.heapFirstDue(heap), 2 - count);
    while (calls.heapSize(heap) > 0) calls.heapRemove(heap, 0);
    assertEquals(calls.verifyExpiry(heap), 0);
  });

  test("a position or due time that cannot be traps", async () => {
    const index = await Index.make(debug);
    const { calls, heap } = index;
    assertThrows(() => calls.heapRemove(heap, 0), WebAssembly.RuntimeError);
    assert(index.insert(5));
    assertThrows(() => index.insert(NaN), WebAssembly.RuntimeError);
    for (
      const call of [
        () => calls.heapRemove(heap, 1),
        () => calls.heapUpdate(heap, 1, 5),
        () => calls.heapUpdate(heap, 0, NaN),
        () => calls.heapMoved(heap, 1, 8),
        () => calls.heapAt(heap, 1),
      ]
    ) assertThrows(call, WebAssembly.RuntimeError);
  });

  const rows: [number, string, (index: Index) => void][] = [
    [2, "the segments below it", (index) => {
      index.instance.setWord(index.heap + 4, 100_000);
    }],
    [6, "half of the unused slots", (index) => {
      index.instance.setWord(index.heap + 4, 2);
    }],
    [7, "a due time that is no number", (index) => {
      index.instance.setWord(index.slot(20) + 4, 0x7ff80000);
    }],
    [8, "a child due before its parent", (index) => {
      index.instance.setWord(index.slot(20) + 4, 0);
    }],
    [9, "an owner that believes to be elsewhere", (index) => {
      const owner = index.instance.word(index.slot(20) + 8);
      const other = index.instance.word(index.slot(21) + 8);
      index.instance.setWord(index.slot(20) + 8, other);
      index.instance.setWord(index.slot(21) + 8, owner);
    }],
    [9, "an owner that is no block", (index) => {
      index.instance.setWord(index.slot(20) + 8, 0xfffffff0);
    }],
  ];
  for (const [invariant, what, corrupt] of rows) {
    test(`verify names invariant ${invariant}: ${what}`, async () => {
      const index = await Index.make(debug);
      for (let i = 0; i < 100; i++) index.insert(1000 + i * 10);
      index.check();
      corrupt(index);
      assertEquals(index.calls.verifyExpiry(index.heap), invariant);
    });
  }
}
