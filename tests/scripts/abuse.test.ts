import { assertEquals, assertLess } from "@std/assert";
import { meter, sightOf } from "../../scripts/abuse/meter.ts";
import { connect } from "../support/client.ts";
import { embed } from "../server/embedded.ts";

Deno.test("a sight is of all waits, whatever their order", () => {
  const waitsMs = Array.from({ length: 200 }, (_, i) => (i * 7) % 200);
  assertEquals(sightOf(waitsMs), {
    requestCount: 200,
    p50Ms: 100,
    p99Ms: 198,
    maxMs: 199,
  });
});

Deno.test("the meter counts a long wait for all that it held up", async () => {
  await using embedded = await embed({ "enable-debug-command": "yes" });
  using client = await connect(embedded.port);
  using pauser = await connect(embedded.port);
  await pauser.call("CLIENT", "PAUSE", 300, "ALL");
  const { p50Ms, maxMs } = await meter(client, Promise.resolve());
  // One request, and as many as were due before it was answered.
  assertLess(200, maxMs);
  assertLess(maxMs / 4, p50Ms);
});
