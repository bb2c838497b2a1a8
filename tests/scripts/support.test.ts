import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { loadEngine } from "../support/engine.ts";
import { Random } from "../support/random.ts";

Deno.test("the same seed gives the same numbers, another seed others", () => {
  const draw = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.int(1_000_000));
  };
  assertEquals(draw(7), draw(7));
  assert(draw(7).join() !== draw(8).join());
});

Deno.test("random numbers reach both ends of their range and no further", () => {
  const random = new Random(1);
  const seen = new Set(Array.from({ length: 1000 }, () => random.int(5)));
  assertEquals([...seen].sort(), [0, 1, 2, 3, 4]);
  const hits = Array.from({ length: 10_000 }, () => random.chance(0.25))
    .filter(Boolean).length;
  assert(Math.abs(hits - 2500) < 250, `${hits} of 10,000 at 0.25`);
  assertEquals(new Set(random.bytes(10_000)).size, 256);
});

Deno.test("each engine has a memory of its own, in both builds", async () => {
  for (const debug of [false, true]) {
    const [a, b] = [await loadEngine({ debug }), await loadEngine({ debug })];
    assertNotStrictEquals(a.memory, b.memory);
  }
});
