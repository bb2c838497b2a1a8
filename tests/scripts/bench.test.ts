import { assertEquals, assertRejects } from "@std/assert";
import { median, tableLine } from "../../scripts/bench.ts";
import { loadKeys } from "../../scripts/bench/loader.ts";
import { connect } from "../support/client.ts";
import { realRedis, startRedis } from "../support/real.ts";

Deno.test("the median of an even number of rounds lies between two", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([4, 1, 2, 100]), 3);
});

Deno.test("a table line holds medians and their ratio", () => {
  const row = { name: "GET", unit: "requests/s" as const };
  assertEquals(
    tableLine({ ...row, ours: [3000, 1, 2000], theirs: [1000] }),
    "| GET (requests/s) | 2,000 | 1,000 | 2.00x |",
  );
  assertEquals(
    tableLine({ name: "gone", unit: "ms", ours: [4], theirs: [Infinity] }),
    "| gone (ms) | 4.00 | not within the limit | - |",
  );
});

Deno.test({
  name: "the loader writes each key once, also in the last, smaller batch",
  ignore: !realRedis(),
  async fn() {
    await using server = await startRedis();
    await loadKeys(server.port, {
      count: 2500,
      first: 7,
      options: ["EX", "9"],
    });
    using client = await connect(server.port);
    assertEquals(await client.call("DBSIZE"), 2500);
    for (const number of ["000000000007", "000000002506"]) {
      assertEquals(await client.call("GET", `key:${number}`), `val:${number}`);
    }
  },
});

Deno.test({
  name: "the loader stops at an error reply",
  ignore: !realRedis(),
  async fn() {
    await using server = await startRedis(["--maxmemory", "1"]);
    await assertRejects(
      () => loadKeys(server.port, { count: 10 }),
      Error,
      "OOM",
    );
  },
});
