/**
 * Engines for the unit tests of the structures in wasm/: each call gives a
 * fresh instance with its own memory, so tests cannot disturb each other.
 */
import { ensureDir } from "@std/fs";
import { compileEngine, ENGINE_FILE } from "../../scripts/build_wasm.ts";
import type * as Engine from "../../src/engine/engine.wasm";

export type EngineExports = typeof Engine;

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
