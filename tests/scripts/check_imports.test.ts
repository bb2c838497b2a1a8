import { assertEquals } from "@std/assert";
import { findOffences, importsOf } from "../../scripts/check_imports.ts";

function offences(files: Record<string, string>): string[] {
  return findOffences(new Map(Object.entries(files)));
}

Deno.test("a handler that imports the network is named with its line", () => {
  assertEquals(
    offences({
      "src/commands/string/get.ts": `/** GET */\n` +
        `import { Reply } from "../../protocol/reply.ts";\n` +
        `import { listen } from "../../net/listener.ts";\n`,
    }),
    [
      "src/commands/string/get.ts:3: commands may not import src/net/listener.ts",
    ],
  );
});

Deno.test("an import that points up is found even when it is of a type", () => {
  assertEquals(
    offences({
      "src/engine/engine.ts": `import type { A } from "../keyspace/a.ts";\n`,
    }),
    ["src/engine/engine.ts:1: engine may not import src/keyspace/a.ts"],
  );
});

Deno.test("the engine sees the constants of wasm and nothing else there", () => {
  assertEquals(
    offences({
      "src/engine/a.ts": `import { OUT_OF_MEMORY } from "../../wasm/codes.ts";`,
      "src/engine/b.ts": `import { alloc } from "../../wasm/allocator.ts";`,
      "src/keyspace/c.ts": `import { X } from "../../wasm/codes.ts";`,
    }),
    [
      "src/engine/b.ts:1: engine may not import wasm/allocator.ts",
      "src/keyspace/c.ts:1: keyspace may not import wasm/codes.ts",
    ],
  );
});

Deno.test("only main may import the command line parser", () => {
  assertEquals(
    offences({
      "src/main.ts":
        `import { parseArgs } from "@std/cli";\nimport { S } from "./server/s.ts";`,
      "src/server/s.ts": `import { parseArgs } from "@std/cli";`,
    }),
    ["src/server/s.ts:1: server may not import @std/cli"],
  );
});

Deno.test("production code may not import from tests or scripts", () => {
  assertEquals(
    offences({ "src/server/s.ts": `import "../../tests/support/random.ts";` }),
    ["src/server/s.ts:1: server may not import tests/support/random.ts"],
  );
});

Deno.test("a directory that the house does not know is reported", () => {
  assertEquals(
    offences({ "src/utils/a.ts": `import { b } from "./b.ts";` }),
    ["src/utils/a.ts:1: utils is no room of the house"],
  );
});

Deno.test("wasm imports nothing from outside", () => {
  assertEquals(
    offences({ "wasm/a.ts": `import { b } from "../src/engine/b";` }),
    ["wasm/a.ts:1: wasm may not import ../src/engine/b"],
  );
});

Deno.test("a cycle of values is found and a cycle of types is not", () => {
  assertEquals(
    offences({
      "src/net/a.ts": `import { b } from "./b.ts";`,
      "src/net/b.ts": `export { c } from "./c.ts";`,
      "src/net/c.ts": `import { a } from "./a.ts";`,
      "src/net/x.ts": `import type { Y } from "./y.ts";`,
      "src/net/y.ts": `import { x } from "./x.ts";`,
    }),
    [
      "src/net/a.ts: imports itself: " +
      "src/net/a.ts -> src/net/b.ts -> src/net/c.ts -> src/net/a.ts",
    ],
  );
});

Deno.test("every form of import is read and code that looks alike is not", () => {
  const text = [
    `import a from "1";`,
    `import type { B } from "2";`,
    `import {`,
    `  c,`,
    `} from "3";`,
    `export * from "4";`,
    `export { d } from "5";`,
    `import "6";`,
    `import bytes from "7" with { type: "bytes" };`,
    `const lazy = await import("8");`,
    `export const e = Array.from("no");`,
    `// import f from "no";`,
    `export type { G } from "9";`,
  ].join("\n");
  assertEquals(
    importsOf(text).map(({ line, specifier }) => [line, specifier]),
    [
      [1, "1"],
      [2, "2"],
      [3, "3"],
      [6, "4"],
      [7, "5"],
      [8, "6"],
      [9, "7"],
      [10, "8"],
      [13, "9"],
    ],
  );
});
