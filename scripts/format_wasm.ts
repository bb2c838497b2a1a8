/**
 * Formats wasm/ as `deno fmt` would. It cannot be trusted with it directly: it
 * drops the decorators of functions (`@inline`), which TypeScript does not
 * have. So they pass through it as comments. `--check` only names the files.
 */
import { parseArgs } from "@std/cli";
import { walk } from "@std/fs";
import { denoFmt } from "./deno_fmt.ts";

const WASM = new URL("../wasm/", import.meta.url);
const DECORATOR = /^( *)@(\w+(?:\(.*\))?)$/gm;
const HIDDEN = /^( *)\/\/ decorator: @/gm;

/** A source formatted, with its decorators where they were. */
export async function formatAssemblyScript(text: string): Promise<string> {
  const hidden = text.replace(DECORATOR, "$1// decorator: @$2");
  return (await denoFmt(hidden)).replace(HIDDEN, "$1@");
}

if (import.meta.main) {
  const { check, _: only } = parseArgs(Deno.args, { boolean: ["check"] });
  let changed = 0;
  const options = { includeDirs: false, exts: ["ts"] };
  for await (const { path, name } of walk(WASM.pathname, options)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const text = await Deno.readTextFile(path);
    const formatted = await formatAssemblyScript(text);
    if (formatted === text) continue;
    changed++;
    console.log(`wasm/${name} ${check ? "is not formatted" : "formatted"}`);
    if (!check) await Deno.writeTextFile(path, formatted);
  }
  if (check && changed > 0) {
    console.error("run: deno task fmt:wasm");
    Deno.exit(1);
  }
}
