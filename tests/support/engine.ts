/**
 * Engines for the unit tests of the structures in wasm/: each call gives a
 * fresh instance with its own memory, so tests cannot disturb each other.
 */
import { ENGINE_FILE } from "../../scripts/build_wasm.ts";
import { Engine } from "../../src/engine/engine.ts";
import type * as Exports from "../../src/engine/engine.wasm";
import { compiled } from "./compiled.ts";

export type EngineExports = typeof Exports;

const WHOLE = 'export * from "../wasm/engine";';

let released: Promise<WebAssembly.Module> | undefined;

/**
 * A fresh engine. The debug build holds the proofs that release leaves out; it
 * is compiled when a source in wasm/ has changed, and kept in .cache/.
 */
export async function loadEngine(
  { debug = false }: { debug?: boolean } = {},
): Promise<EngineExports> {
  const module = debug
    ? await compiled("engine", [WHOLE], true)
    : await (released ??= Deno.readFile(ENGINE_FILE)
      .then((bytes) => WebAssembly.compile(bytes)));
  const instance = await WebAssembly.instantiate(module);
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
  const module = await compiled("wide", [WHOLE, ...lines], debug);
  const engine = new Engine(new Uint32Array([1, 2, 3, 4]), module);
  return { engine, calls: engine.calls as unknown as Calls & EngineExports };
}
