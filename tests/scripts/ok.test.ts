import { assertEquals } from "@std/assert";
import { countsOf } from "../../scripts/ok.ts";

Deno.test("the runner's summary gives the counts", () => {
  assertEquals(
    countsOf("x ... ok (1ms)\n\nok | 12 passed | 0 failed (3ms)\n"),
    {
      passed: 12,
      failed: 0,
      ignored: 0,
    },
  );
});

Deno.test("failed and ignored tests are counted beside steps", () => {
  const line =
    "FAILED | 3 passed (7 steps) | 2 failed (1 step) | 4 ignored (9s)";
  assertEquals(countsOf(line), { passed: 3, failed: 2, ignored: 4 });
});

Deno.test("a summary that a test printed itself does not count", () => {
  const output = "ok | 99 passed | 0 failed (1ms)\n" +
    "FAILED | 1 passed | 1 failed (2ms)\n";
  assertEquals(countsOf(output), { passed: 1, failed: 1, ignored: 0 });
});

Deno.test("output without a summary gives no counts", () => {
  assertEquals(countsOf("error: Module not found\n"), undefined);
});
