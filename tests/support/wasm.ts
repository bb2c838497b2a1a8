/**
 * Structures of wasm/ alone, for their unit tests: a module that exports what
 * the named files export, so that the engine's own list of exports holds only
 * what the server calls.
 */
import { assertEquals } from "@std/assert";
import { ensureDir } from "@std/fs";
import { compileEngine } from "../../scripts/build_wasm.ts";

const ROOT = new URL("../../", import.meta.url);
const CACHE = new URL(".cache/", ROOT);

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

const modules = new Map<string, Promise<WebAssembly.Module>>();

/** A fresh instance of some files of wasm/ (by name), its allocator ready. */
export async function loadModules<Exports extends AllocatorExports>(
  names: readonly string[],
  { debug }: { debug: boolean },
): Promise<Exports> {
  const key = `${debug} ${names.join()}`;
  let module = modules.get(key);
  if (!module) {
    module = moduleBytes(names, debug).then((it) => WebAssembly.compile(it));
    modules.set(key, module);
  }
  const instance = await WebAssembly.instantiate(await module);
  const exports = instance.exports as unknown as Exports;
  exports.init();
  return exports;
}

/** Compiled when a source that counts has changed, else from the cache. */
async function moduleBytes(
  names: readonly string[],
  debug: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const build = debug ? "debug" : "release";
  const hash = await sourceHash(names);
  const cached = new URL(`${names.join("-")}-${build}-${hash}.wasm`, CACHE);
  try {
    return await Deno.readFile(cached);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await ensureDir(CACHE);
  // Test files run side by side: each has its own entry, and the rename makes
  // the result appear whole.
  const draft = `.cache/${crypto.randomUUID()}`;
  const lines = names.map((name) => `export * from "../wasm/${name}";\n`);
  await Deno.writeTextFile(new URL(`${draft}.ts`, ROOT), lines.join(""));
  try {
    const bytes = await compileEngine({ debug, entry: `${draft}.ts` });
    await Deno.writeFile(new URL(draft, ROOT), bytes);
    await Deno.rename(new URL(draft, ROOT), cached);
    return bytes;
  } finally {
    await Deno.remove(new URL(`${draft}.ts`, ROOT));
  }
}

/** Names the state of the files and of all that they import. */
async function sourceHash(names: readonly string[]): Promise<string> {
  const texts = new Map<string, string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (texts.has(name)) continue;
    const text = await Deno.readTextFile(new URL(`wasm/${name}.ts`, ROOT));
    texts.set(name, text);
    for (const [, imported] of text.matchAll(/ from "\.\/(\w+)"/g)) {
      waiting.push(imported);
    }
  }
  const builder = new URL("scripts/build_wasm.ts", ROOT);
  texts.set("", await Deno.readTextFile(builder));
  const bytes = new TextEncoder().encode([...texts.values()].join("\n"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.slice(0, 12).toHex();
}
