/**
 * Modules that are compiled for tests, and kept in .cache/ until a source that
 * counts has changed.
 */
import { ensureDir } from "@std/fs";
import { compileEngine } from "../../scripts/build_wasm.ts";

const ROOT = new URL("../../", import.meta.url);
const CACHE = new URL(".cache/", ROOT);

const modules = new Map<string, Promise<WebAssembly.Module>>();

/**
 * What some lines export: each names a file as "../wasm/file". The debug build
 * holds the proofs that release leaves out.
 */
export function compiled(
  name: string,
  lines: readonly string[],
  debug: boolean,
): Promise<WebAssembly.Module> {
  const source = lines.map((line) => `${line}\n`).join("");
  const key = `${debug} ${source}`;
  let module = modules.get(key);
  if (!module) {
    module = bytesOf(name, source, debug).then((it) => WebAssembly.compile(it));
    modules.set(key, module);
  }
  return module;
}

async function bytesOf(
  name: string,
  source: string,
  debug: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const build = debug ? "debug" : "release";
  const hash = await hashOf(source);
  const cached = new URL(`${name}-${build}-${hash}.wasm`, CACHE);
  try {
    return await Deno.readFile(cached);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await ensureDir(CACHE);
  // Test files run side by side: each has its own entry, and the rename makes
  // the result appear whole.
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

/** Names the state of a source and of all that it imports. */
async function hashOf(source: string): Promise<string> {
  const builder = new URL("scripts/build_wasm.ts", ROOT);
  const texts = new Map([
    ["", source],
    [builder.href, await Deno.readTextFile(builder)],
  ]);
  const waiting = importsOf(source);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (texts.has(name)) continue;
    const text = await Deno.readTextFile(new URL(`wasm/${name}.ts`, ROOT));
    texts.set(name, text);
    waiting.push(...importsOf(text));
  }
  const bytes = new TextEncoder().encode([...texts.values()].join("\n"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.slice(0, 12).toHex();
}

function importsOf(text: string): string[] {
  const found = text.matchAll(/ from "(?:\.|\.\.\/wasm)\/(\w+)"/g);
  return Array.from(found, ([, name]) => name);
}
