import { assertEquals, assertThrows } from "@std/assert";
import { commandNames, indexText } from "../../scripts/generate_commands.ts";

Deno.test("only exported command objects are commands", () => {
  const text = [
    `export const get = command({ name: "GET" });`,
    `const hidden = command({ name: "HIDDEN" });`,
    `export const limit = 5;`,
    `export const incr: Command = command({`,
    `});`,
    `// export const old = command({`,
  ].join("\n");
  assertEquals(commandNames(text), ["get", "incr"]);
});

Deno.test("the index lists files in order, whatever order they came in", () => {
  const forward = new Map([["a/x.ts", ["x"]], ["b/y.ts", ["y", "z"]]]);
  const backward = new Map([...forward].reverse());
  assertEquals(indexText(backward), indexText(forward));
});

Deno.test("a name that two files export is refused", () => {
  const files = new Map([["a/x.ts", ["get"]], ["b/y.ts", ["get"]]]);
  assertThrows(() => indexText(files), Error, "exported twice: get");
});
