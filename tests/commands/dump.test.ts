/** DUMP: what it gives is what redis-server's RESTORE takes. */
import { assert, assertEquals } from "@std/assert";
import { bytesOf } from "../dispatch/harness.ts";
import { connect, type Word } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { readDump } from "../support/rdb.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { type Plain, plain, ReplyReader } from "../support/reply.ts";
import {
  DATA_CONFIG,
  FAR_MS,
  fill,
  fillDatedHashes,
} from "../wasm/record_data.ts";
import { RecordHost } from "../wasm/record_host.ts";
import { Talk } from "./talk.ts";

const SEED = 20_261_121;

/** A command and its reply. */
function ask(host: RecordHost, ...words: Word[]): Plain {
  const reader = new ReplyReader();
  reader.push(bytesOf(host.client.call(...words)));
  return plain(reader.next()!);
}

function dumpOf(host: RecordHost, key: string): Uint8Array<ArrayBuffer> {
  return bytesOf(ask(host, "DUMP", key) as string);
}

Deno.test("DUMP is null without a key", () => {
  new Talk().assert([["DUMP none", "$-1"]]);
});

Deno.test({
  name: "redis-server restores what DUMP gives",
  ignore: !realRedis(),
  async fn() {
    const host = await RecordHost.open(DATA_CONFIG);
    fill(host, new Random(SEED));
    const options = ["--enable-debug-command", "yes", "--databases", "20"];
    await using server = await startRedis(options);
    using client = await connect(server.port);
    for (const { index, size } of host.bench.server.keyspace) {
      if (size === 0) continue;
      host.call("SELECT", index);
      await client.call("SELECT", index);
      for (const key of ask(host, "KEYS", "*") as string[]) {
        const due = ask(host, "PEXPIRETIME", key) as number;
        const at = due > 0 ? due : 0;
        await client.call("RESTORE", key, at, dumpOf(host, key), "ABSTTL");
        // The same bytes from both where nothing is left to choose.
        if (ask(host, "STRLEN", key) as number < 20) {
          const theirs = await client.call("DUMP", key);
          assertEquals(ask(host, "DUMP", key), theirs);
        }
      }
    }
    assertEquals(await client.call("DEBUG", "DIGEST"), host.digest());
  },
});

Deno.test("a DUMP has version 12 when a field has a due time", async () => {
  const host = await RecordHost.open();
  fillDatedHashes(host);
  const versionOf = (dump: Uint8Array) => dump.at(-10)! | dump.at(-9)! << 8;
  const dated = dumpOf(host, "dated:all");
  assertEquals(versionOf(dated), 12);
  assertEquals(readDump(dated).fieldDues, [FAR_MS, FAR_MS]);
  assertEquals(versionOf(dumpOf(host, "dated:no more")), 10);
});

Deno.test("a DUMP may be larger than any buffer", async () => {
  const host = await RecordHost.open();
  const random = new Random(SEED);
  const text = Array.from({ length: 30 }, () => random.bytes(10_000));
  host.call("SET", "large", "");
  for (const bytes of text) host.client.call("APPEND", "large", bytes);
  const used = host.calls.usedBytes();
  const dump = dumpOf(host, "large");
  assertEquals(readDump(dump).value[0].length, 300_000);
  assertEquals(readDump(dump).value[0], ask(host, "GET", "large"));
  assertEquals(host.calls.usedBytes(), used);
});

Deno.test("a DUMP without memory says so and keeps nothing", async () => {
  const host = await RecordHost.open();
  host.call("SET", "large", "x".repeat(300_000));
  host.calls.setRdbCompression(0);
  ask(host, "DUMP", "large");
  const used = host.calls.usedBytes();
  for (const count of [0, 1, 3]) {
    host.calls.failAllocationsAfter(count);
    const reply = host.client.call("DUMP", "large");
    host.calls.failAllocationsAfter(-1);
    assert(reply.startsWith("-OOM"), reply.slice(0, 30));
    assertEquals(host.calls.usedBytes(), used);
  }
  host.bench.verify();
});
