import { assert, assertEquals, assertRejects } from "@std/assert";
import { median, tableLine } from "../../scripts/bench.ts";
import { collectionsOf, fill, itemsOf } from "../../scripts/bench/filler.ts";
import { loadKeys } from "../../scripts/bench/loader.ts";
import { longestWait } from "../../scripts/bench/waits.ts";
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
  assertEquals(
    tableLine({ name: "new", unit: "ms", ours: [4], theirs: [] }),
    "| new (ms) | 4.00 | - | - |",
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

Deno.test({
  name: "the filler puts each item once, also in the last, smaller batch",
  ignore: !realRedis(),
  async fn() {
    await using server = await startRedis();
    const item = (i: number) => [String(i), `m${i}`];
    await fill(server.port, itemsOf(["ZADD", "z"], item, 5001));
    const list = (i: number) => ["RPUSH", `l${i}`, "a", "b"];
    await fill(server.port, collectionsOf(list, 7));
    using client = await connect(server.port);
    assertEquals(await client.call("ZCARD", "z"), 5001);
    assertEquals(await client.call("ZSCORE", "z", "m5000"), "5000");
    assertEquals(await client.call("DBSIZE"), 8);
    assertEquals(await client.call("LLEN", "l6"), 2);
    const wrong = itemsOf(["ZADD", "l0"], item, 1);
    await assertRejects(() => fill(server.port, wrong), Error, "WRONGTYPE");
  },
});

Deno.test({
  name: "the longest wait is that of a client beside somebody's long work",
  ignore: !realRedis(),
  async fn() {
    await using server = await startRedis([
      "--enable-debug-command",
      "local",
    ]);
    using client = await connect(server.port);
    const sleeping = await longestWait(server.port, async () => {
      await client.call("DEBUG", "SLEEP", "0.3");
    });
    assert(sleeping > 250 && sleeping < 5_000, `${sleeping} ms`);
  },
});
