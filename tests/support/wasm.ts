/**
 * Structures of wasm/ alone, for their unit tests: a module that exports what
 * the named files export, so that the engine's own list of exports holds only
 * what the server calls.
 */
import { assertEquals } from "@std/assert";
import { compiled } from "./compiled.ts";

/** What every structure's test needs of the allocator below it. */
export interface AllocatorExports {
  memory: WebAssembly.Memory;
  init(): void;
  alloc(bytes: number): number;
  free(ptr: number): void;
  usable(ptr: number): number;
  resize(ptr: number, bytes: number): number;
  usedBytes(): number;
  activeBytes(): number;
  reservedBytes(): number;
  setCeiling(bytes: number): void;
  /** Works in the debug build only. */
  failAllocationsAfter(count: number): void;
  verifyAllocator(): number;
}

/** An instance whose calls give unsigned addresses, and its memory. */
export class Instance<Exports extends AllocatorExports> {
  constructor(readonly calls: Exports) {}

  alloc(bytes: number): number {
    return this.calls.alloc(bytes) >>> 0;
  }

  resize(ptr: number, bytes: number): number {
    return this.calls.resize(ptr, bytes) >>> 0;
  }

  usable(ptr: number): number {
    return this.calls.usable(ptr) >>> 0;
  }

  /** Valid until the memory grows. */
  bytes(ptr: number, byteCount: number): Uint8Array {
    return new Uint8Array(this.calls.memory.buffer, ptr, byteCount);
  }

  word(address: number): number {
    return new DataView(this.calls.memory.buffer).getUint32(address, true);
  }

  setWord(address: number, word: number): void {
    new DataView(this.calls.memory.buffer).setUint32(address, word, true);
  }

  /** Lets the memory grow no more. */
  close(): void {
    this.calls.setCeiling(0);
  }

  /** Allocates blocks until there is no memory. */
  exhaust(bytes: number): number[] {
    const blocks = [];
    for (let ptr = this.alloc(bytes); ptr; ptr = this.alloc(bytes)) {
      blocks.push(ptr);
    }
    return blocks;
  }

  verify(): void {
    assertEquals(this.calls.verifyAllocator(), 0);
  }
}

export interface Build {
  name: string;
  debug: boolean;
}

/** Structures are tested as shipped and with all proofs switched on. */
export const BUILDS: readonly Build[] = [
  { name: "release", debug: false },
  { name: "debug", debug: true },
];

/** A fresh instance of some files of wasm/ (by name), its allocator ready. */
export async function loadModules<Exports extends AllocatorExports>(
  names: readonly string[],
  { debug }: { debug: boolean },
): Promise<Exports> {
  const lines = names.map((name) => `export * from "../wasm/${name}";`);
  const module = await compiled(names.join("-"), lines, debug);
  const instance = await WebAssembly.instantiate(module);
  const exports = instance.exports as unknown as Exports;
  exports.init();
  return exports;
}
