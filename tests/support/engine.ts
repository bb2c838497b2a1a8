/**
 * Engines for the unit tests of the structures in wasm/: each call gives a
 * fresh instance with its own memory, so tests cannot disturb each other.
 */
import { ensureDir } from "@std/fs";
import { compileEngine, ENGINE_FILE } from "../../scripts/build_wasm.ts";
import { Engine } from "../../src/engine/engine.ts";
import type * as Exports from "../../src/engine/engine.wasm";

export type EngineExports = typeof Exports;

const ROOT = new URL("../../", import.meta.url);
const CACHE = new URL(".cache/", ROOT);

const modules = new Map<boolean, Promise<WebAssembly.Module>>();

/**
 * A fresh engine. The debug build holds the proofs that release leaves out; it
 * is compiled when a source in wasm/ has changed, and kept in .cache/.
 */
export async function loadEngine(
  { debug = false }: { debug?: boolean } = {},
): Promise<EngineExports> {
  let module = modules.get(debug);
  if (!module) {
    module = engineBytes(debug).then((bytes) => WebAssembly.compile(bytes));
    modules.set(debug, module);
  }
  const instance = await WebAssembly.instantiate(await module);
  return instance.exports as unknown as EngineExports;
}

/** An engine of the debug build whose allocations a test may let fail. */
export async function failingEngine(): Promise<{
  engine: Engine;
  /** So many allocations succeed, all after them fail; -1 ends that. */
  failAfter(count: number): void;
}> {
  const module = await debugModule();
  const engine = new Engine(new Uint32Array([1, 2, 3, 4]), module);
  const calls = engine.calls as unknown as {
    failAllocationsAfter(count: number): void;
  };
  return { engine, failAfter: (count) => calls.failAllocationsAfter(count) };
}

let failing: Promise<WebAssembly.Module> | undefined;

/** The whole engine, and the switch that its own exports leave out. */
function debugModule(): Promise<WebAssembly.Module> {
  return failing ??= moduleBytes([
    'export * from "../wasm/engine";',
    'export { failAllocationsAfter } from "../wasm/allocator";',
  ]).then((bytes) => WebAssembly.compile(bytes));
}

/** Compiles lines of source in the debug build, or finds them in .cache/. */
async function moduleBytes(
  lines: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const cached = new URL(`failing-${await sourceHash()}.wasm`, CACHE);
  try {
    return await Deno.readFile(cached);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await ensureDir(CACHE);
  const draft = `.cache/${crypto.randomUUID()}`;
  await Deno.writeTextFile(new URL(`${draft}.ts`, ROOT), lines.join("\n"));
  try {
    const bytes = await compileEngine({ debug: true, entry: `${draft}.ts` });
    await Deno.writeFile(new URL(draft, ROOT), bytes);
    await Deno.rename(new URL(draft, ROOT), cached);
    return bytes;
  } finally {
    await Deno.remove(new URL(`${draft}.ts`, ROOT));
  }
}

async function engineBytes(debug: boolean): Promise<Uint8Array<ArrayBuffer>> {
  if (!debug) return await Deno.readFile(ENGINE_FILE);
  const cached = new URL(`engine-${await sourceHash()}.wasm`, CACHE);
  try {
    return await Deno.readFile(cached);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const bytes = await compileEngine({ debug: true });
  await ensureDir(CACHE);
  // Test files run side by side: the rename makes the file appear whole.
  const draft = new URL(`${crypto.randomUUID()}.tmp`, CACHE);
  await Deno.writeFile(draft, bytes);
  await Deno.rename(draft, cached);
  return bytes;
}

/** Names the state of everything that decides the debug build's bytes. */
async function sourceHash(): Promise<string> {
  const names = [...Deno.readDirSync(new URL("wasm/", ROOT))]
    .map((entry) => entry.name).filter((name) => name.endsWith(".ts")).sort();
  const texts = await Promise.all(
    [...names.map((name) => `wasm/${name}`), "scripts/build_wasm.ts"]
      .map(async (path) =>
        `${path}\n${await Deno.readTextFile(new URL(path, ROOT))}`
      ),
  );
  const bytes = new TextEncoder().encode(texts.join("\n"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.slice(0, 12).toHex();
}
