import { assertEquals } from "@std/assert";
import { BUILDS } from "../support/wasm.ts";
import { Heap } from "./allocator_host.ts";

const FREE = 1;

/** One row for each invariant: break it, and see verify name it. */
const rows: [number, string, (heap: Heap) => void][] = [
  [1, "a gap between what lies in the arena", (heap) => {
    heap.setWord(heap.descriptor(heap.alloc(20_000)) + 4, 0);
  }],
  [2, "a page inside of a run that is something", (heap) => {
    heap.setWord(heap.descriptor(heap.alloc(20_000)) + 16 + 8, 1);
  }],
  [3, "a free run with two lengths", (heap) => {
    const last = heap.calls.descriptorOf(heap.calls.arenaEnd.value - 1);
    assertEquals(heap.word(last), FREE);
    heap.setWord(last + 4, 1);
  }],
  [4, "a free run with a wrong link", (heap) => {
    const first = heap.descriptor(heap.alloc(20_000)) + 5 * 16;
    assertEquals(heap.word(first), FREE);
    heap.setWord(first + 8, first);
  }],
  [5, "a bin that is marked and empty", (heap) => {
    const first = heap.descriptor(heap.alloc(20_000)) + 5 * 16;
    heap.setWord(heap.findStatic(first), 0);
  }],
  [6, "a slab's page that leads elsewhere", (heap) => {
    const page = heap.descriptor(heap.alloc(100)) + 2 * 16;
    heap.setWord(page, heap.word(page) + 0x100);
  }],
  [7, "a wrong count of pages", (heap) => {
    heap.calls.pagesInUse.value++;
  }],
  [8, "more blocks in use than there are", (heap) => {
    const slab = heap.descriptor(heap.alloc(100));
    heap.setWord(slab + 12, heap.word(slab + 12) + 500);
  }],
  [9, "a free block between two blocks", (heap) => {
    const slab = heap.descriptor(heap.alloc(104));
    heap.setWord(heap.word(slab + 4), heap.word(slab + 4) + 8);
  }],
  [10, "a slab with room that no list holds", (heap) => {
    const slab = heap.descriptor(heap.alloc(100));
    heap.setWord(slab, heap.word(slab) & 0xffffff);
  }],
  [11, "a slab with a wrong link", (heap) => {
    const slab = heap.descriptor(heap.alloc(100));
    heap.setWord(slab + 8, heap.word(slab + 8) + 0x10000);
  }],
  [12, "a spare slab in use", (heap) => {
    const slab = heap.descriptor(heap.alloc(100));
    heap.calls.free(heap.alloc(100));
    const ptr = heap.alloc(200);
    const spare = heap.descriptor(ptr);
    heap.calls.free(ptr);
    heap.setWord(heap.findStatic(spare), slab);
    heap.setWord(spare, heap.word(spare) | 0x1000000);
    heap.setWord(spare + 12, heap.word(spare + 12) + 1);
    heap.setWord(spare + 4, heap.word(heap.word(spare + 4)));
  }],
  [13, "bytes that nobody has", (heap) => {
    heap.alloc(100);
    heap.calls.countLiveBytes(8);
  }],
];
for (const { name, debug } of BUILDS) {
  for (const [invariant, what, corrupt] of rows) {
    const title = `verify names invariant ${invariant}: ${what}`;
    Deno.test(`allocator (${name}): ${title}`, async () => {
      const heap = await Heap.load(debug);
      heap.verify();
      corrupt(heap);
      assertEquals(heap.calls.verifyAllocator(), invariant);
    });
  }
}
