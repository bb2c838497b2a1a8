import { assert, assertEquals, assertThrows } from "@std/assert";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { Heap, PAGE_BYTES } from "./allocator_host.ts";

const SEED = 20261120;
const SMALL_MAX = 16384;
const WASM_PAGE_BYTES = 65536;
const NEVER = -1;

/** All small sizes, and around every border further up. */
function* sizesToTry(): Generator<number> {
  for (let bytes = 0; bytes <= 1100; bytes++) yield bytes;
  for (let bytes = 1152; bytes <= SMALL_MAX + 2 * PAGE_BYTES; bytes += 64) {
    yield* [bytes - 1, bytes, bytes + 1];
  }
}

/** A size like those of a server: mostly small, seldom some hundred KiB. */
function someSize(random: Random): number {
  const kind = random.int(20);
  if (kind === 0) return random.int(300_000);
  if (kind < 4) return random.int(40_000);
  if (kind < 10) return random.int(2_000);
  return random.int(200);
}

interface Block {
  ptr: number;
  bytes: number;
  mark: number;
}

/** What a plain program knows of the blocks that it has. */
class Model {
  readonly blocks: Block[] = [];

  constructor(
    readonly heap: Heap,
    readonly random: Random,
    readonly size = someSize,
  ) {}

  step(allocsInTen = 5): void {
    const choice = this.random.int(10);
    if (choice < allocsInTen || this.blocks.length === 0) this.#alloc();
    else if (choice < 8) this.#free();
    else this.#resize();
    this.check();
  }

  check(): void {
    const { calls } = this.heap;
    this.heap.verify();
    let usedBytes = 0;
    for (const { ptr } of this.blocks) usedBytes += this.heap.usable(ptr);
    assertEquals(calls.usedBytes(), usedBytes);
    assert(calls.activeBytes() >= usedBytes);
    assertEquals(calls.reservedBytes(), calls.memory.buffer.byteLength);
    assert(calls.reservedBytes() >= calls.activeBytes());
  }

  freeAll(): void {
    while (this.blocks.length > 0) this.#free();
    this.check();
  }

  #alloc(): void {
    const bytes = this.size(this.random);
    const ptr = this.heap.alloc(bytes);
    if (ptr !== 0) this.#keep({ ptr, bytes, mark: 0 });
  }

  #free(): void {
    this.heap.calls.free(this.#takeAny().ptr);
  }

  #resize(): void {
    const block = this.#takeAny();
    const bytes = this.size(this.random);
    const usable = this.heap.usable(block.ptr);
    const ptr = this.heap.resize(block.ptr, bytes);
    if (ptr === 0) {
      assert(bytes > usable, "to shrink never fails");
      this.#expectMark(block.ptr, block.bytes, block.mark);
      this.blocks.push(block);
      return;
    }
    this.#expectMark(ptr, Math.min(bytes, block.bytes), block.mark);
    this.#keep({ ptr, bytes, mark: 0 });
  }

  #keep(block: Block): void {
    const { ptr, bytes } = block;
    assertEquals(ptr % 8, 0);
    if (bytes > 0 && bytes % 64 === 0) assertEquals(ptr % 64, 0);
    assert(this.heap.usable(ptr) >= bytes);
    block.mark = this.random.int(256);
    this.heap.bytes(ptr, bytes).fill(block.mark);
    this.blocks.push(block);
  }

  /** A block whose bytes nobody has touched. */
  #takeAny(): Block {
    const index = this.random.int(this.blocks.length);
    const block = this.blocks[index];
    const last = this.blocks.pop()!;
    if (last !== block) this.blocks[index] = last;
    this.#expectMark(block.ptr, block.bytes, block.mark);
    return block;
  }

  #expectMark(ptr: number, byteCount: number, mark: number): void {
    const bytes = this.heap.bytes(ptr, byteCount);
    assert(bytes.every((byte) => byte === mark), `block ${ptr} was changed`);
  }
}

for (const { name, debug } of BUILDS) {
  const test = (what: string, run: () => Promise<void>) =>
    Deno.test(`allocator (${name}): ${what}`, run);

  test("a block has its bytes, little more, and its alignment", async () => {
    const heap = await Heap.load(debug);
    for (const bytes of sizesToTry()) {
      const ptr = heap.alloc(bytes);
      const usable = heap.usable(ptr);
      assert(ptr > 0 && ptr % 8 === 0);
      if (bytes > 0 && bytes % 64 === 0) assertEquals(ptr % 64, 0);
      const slack = bytes <= SMALL_MAX ? Math.max(8, bytes / 8) : PAGE_BYTES;
      assert(usable >= bytes && usable < bytes + slack + 1, `${bytes}`);
      assertEquals(heap.calls.usedBytes(), usable);
      heap.calls.free(ptr);
    }
    heap.verify();
  });

  test("init does nothing the second time", async () => {
    const heap = await Heap.load(debug);
    const ptr = heap.alloc(100);
    heap.calls.init();
    assert(heap.alloc(100) !== ptr);
    heap.verify();
  });

  test(`random work agrees with a model (seed ${SEED})`, async () => {
    const heap = await Heap.load(debug);
    const model = new Model(heap, new Random(SEED));
    for (let i = 0; i < 2000; i++) model.step();
    model.freeAll();
    assertEquals(heap.calls.usedBytes(), 0);
  });

  test(`random work without memory agrees too (seed ${SEED})`, async () => {
    const heap = await Heap.load(debug);
    const random = new Random(SEED + 1);
    const model = new Model(heap, random);
    let failures = 0;
    for (let i = 0; i < 2000; i++) {
      if (random.chance(0.01)) {
        const more = random.chance(0.3) ? 1 << 20 : 0;
        heap.calls.setCeiling(heap.calls.reservedBytes() + more);
      }
      const before = model.blocks.length;
      if (random.chance(0.1) && before > 0) {
        // What must fail at any time changes nothing.
        assertEquals(heap.alloc(0xffffffff), 0);
        assertEquals(heap.resize(model.blocks[0].ptr, 0xfffff000), 0);
        failures++;
      }
      model.step();
    }
    assert(failures > 0);
    model.freeAll();
  });

  test(`waves of two sizes agree too (seed ${SEED})`, async () => {
    const heap = await Heap.load(debug);
    const model = new Model(heap, new Random(SEED), (random) => {
      return random.pick([10_000, SMALL_MAX]);
    });
    for (let i = 0; i < 1500; i++) model.step(i % 100 < 50 ? 7 : 3);
  });

  test(`large runs agree with a model (seed ${SEED})`, async () => {
    const heap = await Heap.load(debug);
    heap.calls.setCeiling(heap.calls.reservedBytes() + (16 << 20));
    const random = new Random(SEED);
    const runs: number[] = [];
    for (let i = 0; i < 1000; i++) {
      const bytes = 1 + random.int(random.chance(0.5) ? 400_000 : 3_000_000);
      const old = random.chance(0.2) ? runs.pop() : undefined;
      const ptr = old ? heap.resize(old, bytes) : heap.alloc(bytes);
      if (ptr !== 0) runs.push(ptr);
      else if (old !== undefined) runs.push(old);
      if (ptr === 0 || random.chance(0.3)) {
        heap.calls.free(runs.splice(random.int(runs.length), 1)[0]);
      }
      heap.verify();
      if (ptr !== 0 && runs.includes(ptr)) assert(heap.usable(ptr) >= bytes);
      const usable = runs.map((run) => heap.usable(run));
      assertEquals(heap.calls.usedBytes(), usable.reduce((a, b) => a + b, 0));
    }
  });

  test("the fuzz notices a broken descriptor", async () => {
    const heap = await Heap.load(debug);
    const model = new Model(heap, new Random(SEED));
    for (let i = 0; i < 100; i++) model.step();
    const slab = heap.descriptor(model.blocks[0].ptr);
    heap.setWord(slab, heap.word(slab) ^ 0x10000);
    assertThrows(() => {
      for (let i = 0; i < 100; i++) model.step();
    });
  });

  test("no growth beyond the ceiling, and 0 when there is none", async () => {
    const heap = await Heap.load(debug);
    const ceiling = heap.calls.reservedBytes() + 3 * WASM_PAGE_BYTES;
    heap.calls.setCeiling(ceiling + 1000);
    for (const bytes of [100_000, 20_000, 5000, 600, 30]) {
      heap.exhaust(bytes);
      heap.verify();
    }
    assertEquals(heap.calls.reservedBytes(), ceiling);
    heap.calls.setCeiling(ceiling + 3 * WASM_PAGE_BYTES);
    assertEquals(heap.alloc(4 * WASM_PAGE_BYTES), 0);
    assertEquals(heap.calls.reservedBytes(), ceiling, "no growth in vain");
    heap.calls.setCeiling(Infinity);
    assert(heap.alloc(100_000) > 0);
    heap.verify();
  });

  test("memory grows by a sixteenth, or by what is missing", async () => {
    const heap = await Heap.load(debug);
    const { calls } = heap;
    const room = (calls.arenaEnd.value - calls.arenaStart.value) * PAGE_BYTES;
    let reserved = calls.reservedBytes();
    assert(heap.alloc(room) > 0 && heap.alloc(1) > 0);
    reserved = WASM_PAGE_BYTES *
      Math.floor(reserved / WASM_PAGE_BYTES * 17 / 16);
    assertEquals(calls.reservedBytes(), reserved);
    const tail = calls.arenaEnd.value * PAGE_BYTES - heap.alloc(20_000) -
      20_480;
    assert(heap.alloc(tail + 50 * WASM_PAGE_BYTES) > 0);
    assertEquals(calls.reservedBytes(), reserved + 50 * WASM_PAGE_BYTES);
    heap.verify();
  });

  test("isBlock tells blocks from other addresses", async () => {
    const heap = await Heap.load(debug);
    const block = heap.alloc(100);
    const run = heap.alloc(20_000);
    for (const ptr of [block, run]) assert(heap.calls.isBlock(ptr));
    const free = [block + 104 * 40, run + 20_480];
    for (const ptr of [0, block + 8, run + 8, run + 4096, ...free, -4096]) {
      assert(!heap.calls.isBlock(ptr), `${ptr}`);
    }
  });

  test("without pages a block comes from a class above", async () => {
    const heap = await Heap.load(debug);
    heap.close();
    const larger = heap.alloc(192);
    heap.exhaust(SMALL_MAX + 1);
    heap.exhaust(4000);
    assertEquals(heap.exhaust(SMALL_MAX).length, 0);
    const ptr = heap.alloc(128);
    assertEquals(heap.usable(ptr), heap.usable(larger));
    assertEquals(ptr % 64, 0);
    assertEquals(heap.alloc(64), 0, "more than twice the size");
    heap.verify();
  });

  test("freed memory of one size serves another one", async () => {
    const heap = await Heap.load(debug);
    heap.close();
    const counts = [100, 3000, 50_000].map((bytes) => {
      const blocks = heap.exhaust(bytes);
      for (const ptr of blocks) heap.calls.free(ptr);
      heap.verify();
      return blocks.length * bytes;
    });
    for (const total of counts) {
      assert(total > 0.9 * Math.max(...counts), `${counts}`);
    }
  });

  test("a new slab is touched a page at a time", async () => {
    const heap = await Heap.load(debug);
    const carved = (slab: number) => heap.word(slab + 8) % PAGE_BYTES;
    const slab = heap.descriptor(heap.alloc(8));
    assertEquals(carved(slab), PAGE_BYTES / 8);
    for (let i = 0; i < PAGE_BYTES / 8; i++) heap.alloc(8);
    assertEquals(carved(slab), 2 * PAGE_BYTES / 8);
    assertEquals(carved(heap.descriptor(heap.alloc(SMALL_MAX))), 1);
  });

  test("a shrunk block gives its pages back", async () => {
    const heap = await Heap.load(debug);
    const ptr = heap.alloc(1_000_000);
    const smaller = heap.resize(ptr, 100_000);
    assertEquals(heap.usable(smaller), 25 * PAGE_BYTES);
    assertEquals(heap.calls.activeBytes(), 25 * PAGE_BYTES);
    const small = heap.resize(smaller, 100);
    assertEquals(heap.usable(small), 104);
    heap.verify();
  });

  test("to shrink works without memory", async () => {
    const heap = await Heap.load(debug);
    heap.close();
    const [ptr] = heap.exhaust(600_000);
    heap.exhaust(SMALL_MAX + 1);
    heap.bytes(ptr, 100).fill(7);
    const small = heap.resize(ptr, 100);
    assert(small > 0);
    assert(heap.bytes(small, 100).every((byte) => byte === 7));
    assert(heap.alloc(500_000) > 0, "its pages are free");
    heap.verify();
  });
}

Deno.test("allocator (release): the last page below 4 GiB stays out", async () => {
  const heap = await Heap.load(false);
  assert(heap.alloc(0xf000_0000) > 0);
  const runs = [...heap.exhaust(1 << 20), ...heap.exhaust(20_480)];
  assertEquals(heap.calls.reservedBytes(), 2 ** 32);
  const ends = runs.map((ptr) => ptr + heap.usable(ptr));
  assert(Math.max(...ends) <= 2 ** 32 - PAGE_BYTES);
  heap.verify();
  for (const ptr of runs) heap.calls.free(ptr);
  heap.verify();
});

Deno.test("allocator (release): a block is resized where it is if it can", async () => {
  const heap = await Heap.load(false);
  const ptr = heap.alloc(100_000);
  assertEquals(heap.resize(ptr, 110_000), ptr, "into free pages");
  assertEquals(heap.resize(ptr, 90_000), ptr, "and back");
  heap.verify();
  const next = heap.alloc(50_000);
  assertEquals(heap.resize(ptr, 90_112), ptr, "its last page");
  assert(heap.resize(ptr, 90_113) !== ptr, "a neighbour is in the way");
  heap.calls.free(next);
  heap.verify();
});

Deno.test("allocator (release): the last run grows with the memory", async () => {
  const heap = await Heap.load(false);
  const bytes = heap.calls.reservedBytes();
  const ptr = heap.alloc(1 << 20);
  assertEquals(heap.resize(ptr, bytes), ptr);
  assert(heap.calls.reservedBytes() > bytes);
  heap.verify();
});

Deno.test("allocator (release): a size within the class stays", async () => {
  const heap = await Heap.load(false);
  const ptr = heap.alloc(1000);
  assertEquals(heap.usable(ptr), 1024);
  assertEquals(heap.resize(ptr, 1024), ptr);
  assertEquals(heap.resize(ptr, 961), ptr);
  assert(heap.resize(ptr, 960) !== ptr);
});

Deno.test("allocator: memory grows only after spare slabs have gone", async () => {
  for (const { debug } of BUILDS) {
    const heap = await Heap.load(debug);
    for (let bytes = 8; bytes <= SMALL_MAX; bytes *= 2) {
      heap.calls.free(heap.alloc(bytes));
    }
    assert(heap.calls.activeBytes() > 0, "there are spare slabs");
    heap.verify();
    const bytes = heap.calls.reservedBytes();
    const room = (heap.calls.arenaEnd.value - heap.calls.arenaStart.value) *
      PAGE_BYTES;
    assert(heap.alloc(room) > 0);
    assertEquals(heap.calls.reservedBytes(), bytes);
    heap.verify();
  }
});

Deno.test("allocator: what no caller may free traps", async () => {
  for (const { debug } of BUILDS) {
    const heap = await Heap.load(debug);
    const run = heap.alloc(20_000);
    for (const ptr of [0, 4096, run + 4096, run + 8, run + 20_480]) {
      assertThrows(() => heap.calls.free(ptr), WebAssembly.RuntimeError);
    }
    heap.calls.free(run);
    assertThrows(() => heap.calls.free(run), WebAssembly.RuntimeError);
    heap.verify();
  }
});

Deno.test("allocator (debug): a misused block traps", async () => {
  const heap = await Heap.load(true);
  const ptr = heap.alloc(100);
  heap.alloc(100);
  assert(heap.bytes(ptr, 104).every((byte) => byte === 0xcd));
  assertThrows(() => heap.calls.free(ptr + 8), WebAssembly.RuntimeError);
  heap.calls.free(ptr);
  assert(heap.bytes(ptr + 4, 100).every((byte) => byte === 0xdd));
  assertThrows(() => heap.calls.free(ptr), WebAssembly.RuntimeError);
  heap.bytes(ptr, 100)[50] = 1;
  assertThrows(() => heap.alloc(100), WebAssembly.RuntimeError);
});

Deno.test("allocator (debug): every resize moves the block", async () => {
  const heap = await Heap.load(true);
  for (const bytes of [10, 1000, 100_000]) {
    const ptr = heap.alloc(bytes);
    assert(heap.resize(ptr, bytes) !== ptr);
  }
  heap.verify();
});

Deno.test("allocator (debug): allocations fail where a test wants it", async () => {
  const heap = await Heap.load(true);
  heap.calls.failAllocationsAfter(2);
  const ptr = heap.alloc(10);
  const moved = heap.resize(ptr, 2000);
  assert(ptr > 0 && moved > 0);
  assertEquals(heap.alloc(10), 0);
  assertEquals(heap.resize(moved, 100_000), 0);
  assertEquals(heap.resize(moved, 10), moved, "to shrink never fails");
  heap.calls.failAllocationsAfter(NEVER);
  assert(heap.alloc(10) > 0);
  heap.verify();
});
