import { assert, assertEquals } from "@std/assert";
import { Durations } from "../../src/dispatch/durations.ts";
import { Random } from "../support/random.ts";

function of(...microseconds: number[]): Durations {
  const durations = new Durations();
  for (const one of microseconds) durations.add(one / 1000);
  return durations;
}

Deno.test("percentiles are rounded as Redis rounds them", () => {
  // What redis-server 7.0.15 showed for three calls of SET, and for three of
  // DEBUG SLEEP with 0.3, 0.7 and 1.2 seconds.
  const set = of(3, 4, 6);
  const shown = (durations: Durations, percents: number[]) =>
    percents.map((percent) => durations.percentile(percent).toFixed(3));
  assertEquals(
    shown(set, [0, 10, 50, 99, 99.9, 100]),
    ["2.992", "3.007", "4.015", "6.015", "6.015", "6.015"],
  );
  const sleep = of(300_100, 700_100, 1_200_100);
  assertEquals(
    shown(sleep, [0, 10, 50, 99]),
    ["299892.736", "301989.887", "700448.767", "1002438.655"],
  );
});

Deno.test("steps are those of Redis, and all durations are in one", () => {
  const steps = (...microseconds: number[]) => of(...microseconds).steps();
  assertEquals(steps(), []);
  assertEquals(steps(0, 0.1, 1), [[1, 3]]);
  assertEquals(steps(3, 4, 6), [[4, 2], [8, 3]]);
  assertEquals(steps(1.031), [[1, 1]]);
  assertEquals(steps(1.032), [[2, 1]]);
  assertEquals(steps(33, 34, 67, 264), [[33, 1], [66, 2], [132, 3], [264, 4]]);
  assertEquals(
    steps(300_000, 700_000, 1_200_000),
    [[541_065, 1], [1_073_741, 3]],
  );
});

Deno.test("a duration can be counted many times at once", () => {
  const durations = new Durations();
  durations.add(0.01, 1000);
  durations.add(5, 1);
  assertEquals(durations.count, 1001);
  assertEquals(durations.steps(), [[16, 1000], [8454, 1001]]);
  assertEquals(durations.percentile(50), 10.047);
});

Deno.test("percentiles are within one percent of the exact ones", () => {
  const random = new Random(Date.now() >>> 0);
  console.log(`seed ${random.seed}`);
  const durations = new Durations();
  const exact: number[] = [];
  for (let i = 0; i < 5000; i++) {
    const microseconds = 10 ** random.int(7) * (1 + random.int(9999)) / 10_000;
    exact.push(microseconds);
    durations.add(microseconds / 1000);
  }
  exact.sort((a, b) => a - b);
  for (const percent of [1, 25, 50, 90, 99, 99.9, 100]) {
    const at = Math.max(1, Math.floor(percent / 100 * exact.length + 0.5)) - 1;
    const found = durations.percentile(percent);
    assert(Math.abs(found - exact[at]) <= exact[at] * 0.01 + 0.001, `${at}`);
  }
});
