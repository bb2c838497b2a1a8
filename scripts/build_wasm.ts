/**
 * Compiles wasm/engine.ts to src/engine/engine.wasm, which is committed.
 * `--check` compiles aside and compares the bytes instead: the same source
 * gives the same bytes on every machine.
 */
import { parseArgs } from "@std/cli";
import { ensureDir } from "@std/fs";
import asc from "assemblyscript/asc";

const ROOT = new URL("../", import.meta.url);
const ENTRY = "wasm/engine.ts";
export const ENGINE_FILE = new URL("src/engine/engine.wasm", ROOT);

/** What an engine holds before it grows: 20 MiB. */
const INITIAL_MEMORY_PAGES = 320;
/** What an engine may grow to: all that 32 bits can address. */
const MAXIMUM_MEMORY_PAGES = 65536;

export interface CompileOptions {
  /** Keeps the proofs that `DEBUG` in wasm/debug.ts guards. */
  debug: boolean;
  /** The source, relative to the project's root. */
  entry?: string;
}

/** Compiles the engine and returns the module's bytes. */
export async function compileEngine(
  { debug, entry = ENTRY }: CompileOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([
    entry,
    "--outFile",
    "engine.wasm",
    debug ? "-O1" : "-O3",
    "--runtime=stub",
    "--use=abort=",
    "--enable=simd",
    "--enable=bulk-memory",
    `--initialMemory=${INITIAL_MEMORY_PAGES}`,
    `--maximumMemory=${MAXIMUM_MEMORY_PAGES}`,
  ], {
    readFile: readFromRoot,
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`asc failed:\n${stderr.toString()}`);
  return new Uint8Array(binary);
}

function readFromRoot(name: string, baseDir: string): string | null {
  try {
    return Deno.readTextFileSync(new URL(`${baseDir}/${name}`, ROOT));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Whether the committed module is what the source compiles to. */
async function engineIsCurrent(): Promise<boolean> {
  const built = await compileEngine({ debug: false });
  const committed = await Deno.readFile(ENGINE_FILE);
  return built.length === committed.length &&
    built.every((byte, i) => byte === committed[i]);
}

if (import.meta.main) {
  const args = parseArgs(Deno.args, { boolean: ["check"] });
  if (args.check) {
    if (!await engineIsCurrent()) {
      console.error("engine.wasm is stale: run deno task build:wasm");
      Deno.exit(1);
    }
    console.log("engine.wasm is what wasm/ compiles to");
  } else {
    const binary = await compileEngine({ debug: false });
    await ensureDir(new URL(".", ENGINE_FILE));
    await Deno.writeFile(ENGINE_FILE, binary);
    console.log(`src/engine/engine.wasm: ${binary.length} bytes`);
  }
}
