import { assertEquals } from "@std/assert";
import { formatAssemblyScript } from "../../scripts/format_wasm.ts";

Deno.test("decorators of functions survive formatting", async () => {
  const text = `// @ts-ignore: decorator\n@inline\n` +
    `export function one( ): u32 { return 1 }\n\n` +
    `@external("env", "log")\ndeclare function log( x : u32): void;\n`;
  assertEquals(
    await formatAssemblyScript(text),
    `// @ts-ignore: decorator\n@inline\n` +
      `export function one(): u32 {\n  return 1;\n}\n\n` +
      `@external("env", "log")\ndeclare function log(x: u32): void;\n`,
  );
});
