/** Snapshots on their way out, and what a real server makes of them. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Snapshot, SnapshotAborted } from "../../src/persistence/snapshot.ts";
import { connect } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { readRdb } from "../support/rdb.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { randomChange } from "../wasm/snapshot_data.ts";
import { DATA_CONFIG, fill } from "../wasm/record_data.ts";
import { RecordHost } from "../wasm/record_host.ts";

const SEED = 20_261_121;

async function filled(): Promise<RecordHost> {
  const host = await RecordHost.open(DATA_CONFIG, false);
  fill(host, new Random(SEED));
  return host;
}

function begin(
  host: RecordHost,
  options: { keyDelayUs?: number; isSummed?: boolean } = {},
): Snapshot {
  const { engine, bench } = host;
  const aux = [["redis-ver", "7.2.4"], ["ctime", "1700000000"]] as const;
  return new Snapshot(engine, bench.server.keyspace, {
    format: "rdb",
    aux,
    ...options,
  });
}

/** Gathers what is written, each piece a turn of the loop later. */
class SlowFile {
  readonly pieces: Uint8Array<ArrayBuffer>[] = [];
  writing = 0;

  readonly write = async (bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
    assertEquals(++this.writing, 1, "one write after the other");
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.pieces.push(bytes);
    this.writing--;
  };

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Blob(this.pieces).bytes();
  }
}

Deno.test({
  name: "redis-server loads what there was before it all changed",
  ignore: !realRedis(),
  async fn() {
    const host = await filled();
    const digest = host.digest();
    const random = new Random(SEED);
    const snapshot = begin(host);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let isMore = true;
    while (isMore) {
      isMore = snapshot.step(200);
      for (let piece = snapshot.take(); piece; piece = snapshot.take()) {
        pieces.push(piece);
      }
      for (let i = 0; i < 5; i++) {
        host.client.call(...randomChange(random, Date.now()));
      }
      for (
        const key of ["list:long", "set:large", "zset:large", "hash:texts"]
      ) {
        host.client.call("SELECT", random.pick([0, 9, 18]));
        host.client.call("DEL", key);
      }
    }
    snapshot.abort();
    const dir = await Deno.makeTempDir({ prefix: "keysaur-" });
    try {
      await Deno.writeFile(`${dir}/dump.rdb`, await new Blob(pieces).bytes());
      const options = ["--enable-debug-command", "yes", "--databases", "20"];
      await using server = await startRedis(options, { dir });
      using client = await connect(server.port);
      assertEquals(await client.call("DEBUG", "DIGEST"), digest);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});

Deno.test("a run writes piece after piece, and the loop goes on between", async () => {
  const host = await filled();
  const before = readRdb(host.saveRdb()).entries;
  const snapshot = begin(host, { keyDelayUs: 10 });
  const file = new SlowFile();
  let turns = 0;
  const timer = setInterval(() => {
    turns++;
    host.client.call("SELECT", "9");
    host.client.call("LPUSH", "list:long", `turn ${turns}`);
  }, 0);
  await snapshot.run(file.write);
  clearInterval(timer);
  snapshot.abort();
  assert(turns > 0);
  const { entries, aux, version, crc } = readRdb(await file.bytes());
  assertEquals(version, 10);
  assertEquals(aux, { "redis-ver": "7.2.4", ctime: "1700000000" });
  assert(crc !== 0n);
  assertEquals(entries.length, before.length);
  assertEquals(snapshot.keysDone, before.length);
  const listOf = (all: typeof entries) =>
    all.find(({ key }) => key === "list:long")?.value;
  assertEquals(listOf(entries), listOf(before));
});

Deno.test("what is not written yet is bounded", async () => {
  const host = await filled();
  for (let i = 0; i < 40; i++) {
    host.call("SET", `big:${i}`, "x".repeat(200_000));
  }
  host.engine.calls.setRdbCompression(0);
  const snapshot = begin(host);
  let release = () => {};
  const held = new Promise<void>((resolve) => release = resolve);
  let written = 0;
  const running = snapshot.run(async (bytes) => {
    await held;
    written += bytes.length;
  });
  for (let i = 0; i < 50; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const { keysDone, keysTotal } = snapshot;
  assert(keysTotal - keysDone > 20, `${keysDone} of ${keysTotal} are done`);
  release();
  await running;
  snapshot.abort();
  assert(written > 8_000_000);
  assertEquals(snapshot.keysDone, snapshot.keysTotal);
});

Deno.test("a run ends when a write fails or it is aborted", async () => {
  const host = await filled();
  const failing = begin(host);
  await assertRejects(
    () => failing.run(() => Promise.reject(new Error("disk full"))),
    Error,
    "disk full",
  );
  failing.abort();
  const aborted = begin(host, { keyDelayUs: 1000 });
  const running = aborted.run(() => Promise.resolve());
  setTimeout(() => aborted.abort(), 1);
  await assertRejects(() => running, SnapshotAborted);
  // Both leave room for others, and no mark behind.
  const whole: Uint8Array<ArrayBuffer>[] = [];
  const last = begin(host, { isSummed: false });
  last.runSync((bytes) => void whole.push(bytes));
  last.abort();
  const { entries, crc } = readRdb(await new Blob(whole).bytes());
  assertEquals(entries.length, last.keysTotal);
  assertEquals(crc, 0n);
  while (host.bench.server.keyspace.reclaimSlice()) continue;
  host.bench.verify();
});

Deno.test("due times of fields need the later version", async () => {
  const host = await filled();
  host.call("HSET", "dated", "a", "1");
  host.call("HEXPIRE", "dated", "1000", "FIELDS", "1", "a");
  const snapshot = begin(host);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  snapshot.runSync((bytes) => void pieces.push(bytes));
  snapshot.abort();
  const file = readRdb(await new Blob(pieces).bytes());
  assertEquals(file.version, 12);
  assertEquals(
    file.entries.find(({ key }) => key === "dated")?.fieldDues?.length,
    1,
  );
});
