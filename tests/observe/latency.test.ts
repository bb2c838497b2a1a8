import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Latency } from "../../src/observe/latency.ts";
import { latencyGraph } from "../../src/observe/latency_graph.ts";
import type { LatencySettings } from "../../src/observe/latency_doctor.ts";
import { at } from "../support/clock.ts";

const SETTINGS: LatencySettings = {
  slowLogUs: 10_000,
  fsync: "everysec",
  syncsDuringRewrite: true,
};

/** A monitor, and a way to say what second it is. */
function monitor(thresholdMs: number, settings: Partial<LatencySettings> = {}) {
  const latency = new Latency(() => ({ ...SETTINGS, ...settings }));
  latency.thresholdMs = thresholdMs;
  return latency;
}

function inSecond<T>(second: number, work: () => T): T {
  return at(second * 1000 + 500, work);
}

Deno.test("only what reaches the threshold is noted, the worst of a second", () => {
  const latency = monitor(10);
  inSecond(1, () => latency.note("command", 9.9));
  assertEquals(latency.latest(), []);
  inSecond(2, () => latency.note("command", 10));
  inSecond(3, () => latency.note("command", 30.7));
  inSecond(3, () => latency.note("command", 20));
  inSecond(3, () => latency.note("fast-command", 50));
  assertEquals(latency.history("command"), [
    { unixSeconds: 2, ms: 10 },
    { unixSeconds: 3, ms: 30 },
  ]);
  inSecond(4, () => latency.note("command", 11));
  assertEquals(latency.latest(), [
    { event: "command", last: { unixSeconds: 4, ms: 11 }, maxMs: 30 },
    { event: "fast-command", last: { unixSeconds: 3, ms: 50 }, maxMs: 50 },
  ]);
  assertEquals(latency.history("Command"), []);
  assertEquals(latency.reset("COMMAND"), 1);
  assertEquals(latency.reset("command"), 0);
  assertEquals(latency.reset(), 1);
  assertEquals(latency.latest(), []);
});

Deno.test("a threshold of 0 notes nothing", () => {
  const latency = monitor(0);
  latency.note("command", 1e6);
  assertEquals(latency.latest(), []);
});

Deno.test("160 samples of an event are kept, and the worst of all", () => {
  const latency = monitor(1);
  for (let i = 0; i < 170; i++) {
    inSecond(i, () => latency.note("expire-cycle", 1000 - i));
  }
  const samples = latency.history("expire-cycle");
  assertEquals(samples.length, 160);
  assertEquals(samples[0], { unixSeconds: 10, ms: 990 });
  assertEquals(latency.latest()[0].maxMs, 1000);
});

Deno.test("the graph is that of Redis", () => {
  const samples = [[50, 6], [90, 5], [30, 4], [120, 3], [71, 1]]
    .map(([ms, secondsAgo]) => ({ ms, unixSeconds: 100_000 - secondsAgo }));
  // As redis-server 7.0.15 drew these very samples.
  assertEquals(
    latencyGraph("command", { samples, maxMs: 120 }, 100_000_000),
    [
      "command - high 120 ms, low 30 ms (all time high 120 ms)",
      "-".repeat(80),
      "   # ",
      " # | ",
      " | |#",
      "#|_||",
      "     ",
      "65431",
      "sssss",
      "",
    ].join("\n"),
  );
});

Deno.test("the graph tells how long ago in the unit that fits", () => {
  const samples = [59, 60, 3599, 3600, 86_399, 86_400, 10 * 86_400]
    .map((secondsAgo) => ({ ms: 5, unixSeconds: 1e6 - secondsAgo }));
  const graph = latencyGraph("cron", { samples, maxMs: 5 }, 1e9);
  assertEquals(graph.split("\n").slice(7), [
    "5151211",
    "9m9h3d0",
    "s m h d",
    "",
  ]);
});

Deno.test("the doctor tells of each event, and what helps with it", () => {
  assertStringIncludes(monitor(0).advice(), "disabled");
  assertStringIncludes(monitor(100).advice(), "100 ms");
  const latency = monitor(100, { slowLogUs: -1 });
  inSecond(10, () => latency.note("command", 300));
  inSecond(20, () => latency.note("command", 100));
  const text = inSecond(30, () => latency.advice());
  assertStringIncludes(
    text,
    "1. command: 2 latency spikes (average 200ms, mean deviation 100ms, " +
      "period 10.00 sec). Worst all time event 300ms.",
  );
  assertMatch(text, /- .*CONFIG SET slowlog-log-slower-than 100000/);
});

Deno.test("the doctor's advice fits the settings", () => {
  const always = monitor(1, { fsync: "always" });
  always.note("aof-fsync-always", 5);
  assertStringIncludes(always.advice(), "appendfsync everysec");
  const relaxed = monitor(1);
  relaxed.note("aof-fsync-always", 5);
  assertEquals(relaxed.advice().includes("What helps"), false);
  const tuned = monitor(10, { slowLogUs: 10_000 });
  tuned.note("command", 10);
  assertStringIncludes(tuned.advice(), "SLOWLOG GET shows");
});
