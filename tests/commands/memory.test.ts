import { assert, assertEquals, assertMatch } from "@std/assert";
import { diagnosis } from "../../src/commands/server/memory_doctor.ts";
import type { MemoryReport } from "../../src/commands/server/memory_report.ts";
import {
  type Client,
  connect,
  type Plain,
  type Reply,
} from "../support/client.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { startKeysaur } from "../support/server.ts";

type Stats = Map<string, Plain>;

async function stats(client: Client): Promise<Stats> {
  return await client.call("MEMORY", "STATS") as Stats;
}

Deno.test("MEMORY USAGE is nil for a missing key", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  assertEquals(await client.call("MEMORY", "USAGE", "missing"), null);
});

Deno.test("MEMORY USAGE grows with key, value and due time", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  const usage = async (key: string, value: string, ...more: string[]) => {
    await client.call("SET", key, value, ...more);
    return Number(await client.call("MEMORY", "USAGE", key));
  };
  const small = await usage("k", "v");
  assert(small > 0 && small <= 64, `one byte takes ${small}`);
  assert(await usage("k".repeat(1000), "v") >= 1000);
  const large = await usage("large", "v".repeat(100_000));
  assert(large >= 100_000 && large < 120_000, `it is ${large}`);
  assert(await usage("k", "v", "EX", "1000") > small);
});

Deno.test("MEMORY USAGE takes SAMPLES and refuses what it cannot be", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  await client.call("SET", "k", "v");
  const usage = await client.call("MEMORY", "USAGE", "k");
  for (const samples of ["0", "5", "9223372036854775807"]) {
    assertEquals(
      await client.call("MEMORY", "USAGE", "k", "samples", samples),
      usage,
    );
  }
  const refuse = async (error: string, ...words: string[]) => {
    const reply = await client.raw("MEMORY", "USAGE", "k", ...words);
    assertEquals(reply, { kind: "error", text: error });
  };
  await refuse("ERR syntax error", "SAMPLES");
  await refuse("ERR syntax error", "SAMPLES", "-1");
  await refuse("ERR syntax error", "SAMPLE", "1");
  await refuse("ERR value is not an integer or out of range", "SAMPLES", "x");
});

Deno.test("MEMORY USAGE does not count as a use of the key", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  await client.call("SET", "k", "v");
  await client.call("MEMORY", "USAGE", "k");
  await client.call("MEMORY", "USAGE", "missing");
  const text = String(await client.call("INFO", "stats"));
  assertMatch(text, /keyspace_hits:0\r\nkeyspace_misses:0\r\n/);
});

Deno.test({
  name: "MEMORY STATS has the names and types that Redis replies with",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis();
    await using keysaur = await startKeysaur();
    using theirs = await connect(real.port);
    using ours = await connect(keysaur.port);
    const shapes = async (client: Client, resp: number) => {
      await client.call("HELLO", resp);
      await client.call("SET", "key", "value", "EX", 1000);
      return shapeOf(await client.raw("MEMORY", "STATS"));
    };
    for (const resp of [2, 3]) {
      assertEquals(await shapes(ours, resp), await shapes(theirs, resp));
    }
  },
});

/** Names as they are, figures by their type. */
function shapeOf(reply: Reply): unknown {
  if (reply.kind === "map") return reply.entries.flat().map(shapeOf);
  if (reply.kind === "array") return reply.items.map(shapeOf);
  if (reply.kind !== "bulk") return reply.kind;
  const text = new TextDecoder().decode(reply.bytes);
  return /^[\d.]+$/.test(text) ? "a figure as text" : text;
}

Deno.test("MEMORY STATS adds up", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  await client.call("HELLO", 3);
  await client.pipeline(
    Array.from({ length: 1000 }, (_, i) => ["SET", `key:${i}`, "v", "EX", 500]),
  );
  const figures = await stats(client);
  const figure = (name: string) => Number(figures.get(name));
  const db = figures.get("db.0") as Stats;
  assertEquals(figure("keys.count"), 1000);
  assertEquals(
    figure("overhead.total"),
    figure("startup.allocated") + figure("clients.normal") +
      Number(db.get("overhead.hashtable.main")) +
      Number(db.get("overhead.hashtable.expires")),
  );
  assertEquals(
    figure("dataset.bytes"),
    figure("total.allocated") - figure("overhead.total"),
  );
  assertEquals(
    figure("keys.bytes-per-key"),
    Math.floor(
      (figure("total.allocated") - figure("startup.allocated")) / 1000,
    ),
  );
  assertEquals(
    figure("allocator-fragmentation.bytes"),
    figure("allocator.active") - figure("allocator.allocated"),
  );
  // A header of 12 bytes and, with a due time, 12 more and a place in the heap.
  assert(Number(db.get("overhead.hashtable.main")) > 12_000);
  assertEquals(Number(db.get("overhead.hashtable.expires")), 24_000);
});

Deno.test("MEMORY STATS tells of a peak that is over", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  await client.call("HELLO", 3);
  await client.call("SET", "big", "v".repeat(4_000_000));
  await client.call("DEL", "big");
  const figures = await stats(client);
  assert(Number(figures.get("peak.allocated")) > 4_000_000);
  assert(Number(figures.get("total.allocated")) < 4_000_000);
  assert(Number(figures.get("peak.percentage")) < 50);
});

const MIB = 2 ** 20;

/** A report of a server without any trouble. */
const healthy: MemoryReport = {
  used: 100 * MIB,
  peak: 110 * MIB,
  startup: MIB,
  clientBytes: 4096,
  logBufferBytes: 0,
  databases: [],
  overhead: 2 * MIB,
  dataset: 98 * MIB,
  datasetPercent: 99,
  peakPercent: 91,
  keyCount: 1000,
  bytesPerKey: 100,
  allocated: 100 * MIB,
  active: 101 * MIB,
  touched: 105 * MIB,
  resident: 170 * MIB,
  fragmentation: { ratio: 1.01, bytes: MIB },
  freePages: { ratio: 1.04, bytes: 4 * MIB },
  runtime: { ratio: 1.6, bytes: 65 * MIB },
  total: { ratio: 1.7, bytes: 70 * MIB },
};

Deno.test("The doctor finds a healthy server healthy", () => {
  assertMatch(diagnosis(healthy, 1), /^Nothing stands out/);
});

Deno.test("The doctor does not judge a server that is almost empty", () => {
  const empty = { ...healthy, used: 5 * MIB - 1, peak: 100 * MIB };
  assertMatch(diagnosis(empty, 1), /^There is too little data/);
});

Deno.test("The doctor names each trouble, and only that", () => {
  const troubles: [title: string, trouble: Partial<MemoryReport>][] = [
    ["Past peak", { peak: 151 * MIB }],
    ["Fragmented pages", { fragmentation: { ratio: 1.3, bytes: 30 * MIB } }],
    ["Free pages", { freePages: { ratio: 1.3, bytes: 30 * MIB } }],
    ["Large runtime", { runtime: { ratio: 4, bytes: 300 * MIB } }],
    ["Large client buffers", { clientBytes: 2 * 201 * 1024 }],
  ];
  for (const [title, trouble] of troubles) {
    const titles = [
      ...diagnosis({ ...healthy, ...trouble }, 2).matchAll(/^ \* (.*?):/gm),
    ];
    assertEquals(titles.map((match) => match[1]), [title]);
  }
});

Deno.test("The doctor does not mind small excesses of any ratio", () => {
  const small = { ratio: 9, bytes: 9 * MIB };
  const report = { ...healthy, fragmentation: small, freePages: small };
  assertMatch(diagnosis(report, 1), /^Nothing stands out/);
});

Deno.test("MEMORY DOCTOR looks at the server as it is", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  const doctor = () => client.call("MEMORY", "DOCTOR").then(String);
  assertMatch(await doctor(), /^There is too little data/);
  await client.call("SET", "a", "v".repeat(6_000_000));
  assertMatch(await doctor(), /^Nothing stands out/);
  await client.call("SET", "b", "v".repeat(6_000_000));
  await client.call("DEL", "b");
  assertMatch(await doctor(), /Past peak/);
});

Deno.test("MEMORY MALLOC-STATS counts the blocks of each size", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  const blocksOf = async (blockBytes: number) => {
    const text = String(await client.call("MEMORY", "MALLOC-STATS"));
    const row = new RegExp(`^ +${blockBytes} +\\d+ +\\d+ +(\\d+) `, "m");
    return Number(row.exec(text)?.[1] ?? 0);
  };
  const before = await blocksOf(448);
  await client.pipeline(
    Array.from({ length: 100 }, (_, i) => [
      "SET",
      `key:${100 + i}`,
      // With a header of 12 bytes and a key of 7 a block of 448 bytes.
      "v".repeat(425),
    ]),
  );
  assertEquals(await blocksOf(448), before + 100);
});

Deno.test("MEMORY PURGE gives back what an emptied slab held", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  await client.call("HELLO", 3);
  const active = async () =>
    Number((await stats(client)).get("allocator.active"));
  const keys = Array.from({ length: 500 }, (_, i) => `key:${i}`);
  await client.pipeline(keys.map((key) => ["SET", key, "v".repeat(425)]));
  await client.pipeline(keys.map((key) => ["DEL", key]));
  const before = await active();
  assertEquals(await client.call("MEMORY", "PURGE"), "OK");
  assert(await active() < before, `${await active()} of ${before}`);
});

Deno.test("MEMORY HELP names every subcommand", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  const lines = await client.call("MEMORY", "HELP") as string[];
  const names = lines.filter((line) => /^[A-Z]/.test(line)).slice(1);
  assertEquals(names, [
    "DOCTOR",
    "MALLOC-STATS",
    "PURGE",
    "STATS",
    "USAGE <key> [SAMPLES <count>]",
    "HELP",
  ]);
});
