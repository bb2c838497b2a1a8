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
  const { engine, calls } = await wideEngine<{
    failAllocationsAfter(count: number): void;
  }>({ allocator: ["failAllocationsAfter"] });
  return { engine, failAfter: (count) => calls.failAllocationsAfter(count) };
}

const wide = new Map<string, Promise<WebAssembly.Module>>();

/**
 * The whole engine, in the debug build unless said otherwise, and functions of
 * its files that its own exports leave out.
 */
export async function wideEngine<Calls>(
  files: Readonly<Record<string, readonly string[]>>,
  { debug = true }: { debug?: boolean } = {},
): Promise<{ engine: Engine; calls: Calls & EngineExports }> {
  const lines = Object.entries(files).map(([file, names]) =>
    `export { ${names.join(", ")} } from "../wasm/${file}";`
  );
  const source = ['export * from "../wasm/engine";', ...lines].join("\n");
  const key = `${debug} ${source}`;
  let module = wide.get(key);
  if (!module) {
    module = moduleBytes(source, debug).then((it) => WebAssembly.compile(it));
    wide.set(key, module);
  }
  const engine = new Engine(new Uint32Array([1, 2, 3, 4]), await module);
  return { engine, calls: engine.calls as unknown as Calls & EngineExports };
}

/** Compiles lines of source, or finds what came of them in .cache/. */
async function moduleBytes(
  source: string,
  debug: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const build = debug ? "debug" : "release";
  const hash = await sourceHash(source);
  const cached = new URL(`wide-${build}-${hash}.wasm`, CACHE);
  try {
    return await Deno.readFile(cached);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await ensureDir(CACHE);
  const draft = `.cache/${crypto.randomUUID()}`;
  await Deno.writeTextFile(new URL(`${draft}.ts`, ROOT), source);
  try {
    const bytes = await compileEngine({ debug, entry: `${draft}.ts` });
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
async function sourceHash(more = ""): Promise<string> {
  const names = [...Deno.readDirSync(new URL("wasm/", ROOT))]
    .map((entry) => entry.name).filter((name) => name.endsWith(".ts")).sort();
  const texts = await Promise.all(
    [...names.map((name) => `wasm/${name}`), "scripts/build_wasm.ts"]
      .map(async (path) =>
        `${path}\n${await Deno.readTextFile(new URL(path, ROOT))}`
      ),
  );
  const bytes = new TextEncoder().encode([...texts, more].join("\n"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.slice(0, 12).toHex();
}
