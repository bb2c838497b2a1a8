/** The allocator alone, for its own tests. */
import {
  type AllocatorExports,
  Instance,
  loadModules,
} from "../support/wasm.ts";

export interface Exports extends AllocatorExports {
  arenaStart: WebAssembly.Global;
  arenaEnd: WebAssembly.Global;
  pagesInUse: WebAssembly.Global;
  pageTable(): number;
  descriptorOf(page: number): number;
  isBlock(ptr: number): number;
  countLiveBytes(difference: number): void;
}

export const PAGE_BYTES = 4096;

export class Heap extends Instance<Exports> {
  static async load(debug: boolean): Promise<Heap> {
    const names = ["pages", "slabs", "allocator"];
    return new Heap(await loadModules<Exports>(names, { debug }));
  }

  /** The descriptor of the page that an address is on. */
  descriptor(ptr: number): number {
    return this.calls.descriptorOf(ptr >>> 12) >>> 0;
  }

  /** The address of a static variable that holds this word. */
  findStatic(word: number): number {
    const end = this.calls.pageTable();
    for (let at = 16; at < end; at += 4) {
      if (this.word(at) === word) return at;
    }
    throw new Error(`no static variable holds ${word}`);
  }
}
