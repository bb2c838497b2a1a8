import { assertEquals, assertMatch } from "@std/assert";
import { resultOf } from "../../scripts/suite.ts";
import { standIn } from "../../scripts/suite/overlay.ts";

Deno.test("the suite's output gives counts and names of failures", () => {
  const output = [
    "[ready]: 12345",
    "[testing]: APPEND",
    "[ok]: APPEND (3 ms)",
    "[skip]: slow one",
    "[ignore]: DEBUG: Tag: external:skip denied",
    "[err]: LPOS in tests/unit/type/list.tcl",
    "Expected 1 to be equal to 2",
    "[1/1 done]: unit/type/list (2 seconds)",
    "[exception]: Executing test client: ERR no",
    "!!! WARNING The following tests failed:",
    "*** [err]: LPOS in tests/unit/type/list.tcl",
  ].join("\n");
  assertEquals(resultOf(output), {
    ok: 1,
    skipped: 2,
    failures: [
      "LPOS in tests/unit/type/list.tcl: Expected 1 to be equal to 2",
      "exception: Executing test client: ERR no",
    ],
  });
});

Deno.test("the suite's stand-in becomes the server with its words", async () => {
  const path = await Deno.makeTempFile({ prefix: "keysaur-stand-in-" });
  await Deno.writeTextFile(path, standIn([]));
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: [path, "--version"],
  }).output();
  await Deno.remove(path);
  assertMatch(new TextDecoder().decode(stdout), /^Keysaur server v=/);
  assertMatch(standIn(["check-rdb"]), /^exec .*'check-rdb' "\$@"$/m);
});
