/** A snapshot holds what there was when it began, whatever happens meanwhile. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { SnapshotHost, type Taking } from "./snapshot_host.ts";

const SEED = 20_261_121;
const FORMATS = ["rdb", "commands"] as const;

for (const { name, debug } of BUILDS) {
  for (const format of FORMATS) {
    Deno.test(`changes between the steps are not seen, ${format} (${name})`, async () => {
      const host = await SnapshotHost.open(debug);
      for (let round = 0; round < 5; round++) {
        const hint = `seed ${SEED + round}`;
        const random = new Random(SEED + round);
        host.fill(random, 1 + random.int(3));
        const changesAStep = random.pick([1, 5, 30]);
        const units = random.pick([20, 100, 300, 1500]);
        const taking = host.begin(format);
        while (taking.step(1 + random.int(units))) {
          for (let i = random.int(changesAStep * 2); i >= 0; i--) {
            host.change(random);
          }
          if (random.chance(0.02)) host.verify();
        }
        taking.prove(hint);
        host.verify();
        host.empty();
      }
    });
  }

  Deno.test(`two at once hold what there was when each began (${name})`, async () => {
    const host = await SnapshotHost.open(debug);
    const random = new Random(SEED);
    host.fill(random);
    const under: Taking[] = [];
    for (let proved = 0; proved < 4;) {
      if (under.length < 2 && random.chance(0.1)) {
        under.push(host.begin(random.pick(FORMATS)));
        if (random.chance(0.3)) host.fill(random, 2);
      }
      for (const taking of [...under]) {
        if (random.chance(0.01)) {
          taking.snapshot.abort();
          under.splice(under.indexOf(taking), 1);
        } else if (!taking.step(1 + random.int(500))) {
          taking.prove(`seed ${SEED}, snapshot ${proved++}`);
          under.splice(under.indexOf(taking), 1);
        }
      }
      for (let i = random.int(20); i >= 0; i--) host.change(random);
      if (random.chance(0.02)) host.verify();
    }
    for (const { snapshot } of under) snapshot.abort();
    host.empty();
  });

  Deno.test(`one that is given up leaves nothing behind (${name})`, async () => {
    const host = await SnapshotHost.open(debug);
    let usedBytes = 0;
    for (let round = 0; round < 12; round++) {
      const random = new Random(SEED + round);
      host.fill(random, 2);
      const first = host.begin(random.pick(FORMATS));
      const second = random.chance(0.4) ? host.begin("rdb") : first;
      const end = random.int(200);
      for (let i = 0; i < end && first.step(1 + random.int(200)); i++) {
        if (second !== first) second.step(1 + random.int(300));
        for (let j = random.int(8); j >= 0; j--) host.change(random);
      }
      first.snapshot.abort();
      host.verify();
      for (let j = random.int(300); j >= 0; j--) host.change(random);
      second.snapshot.abort();
      host.empty();
      if (round > 4) assertEquals(host.usedBytes, usedBytes, `round ${round}`);
      usedBytes = host.usedBytes;
    }
  });
}

Deno.test("without memory a snapshot fails, and nothing else with it", async () => {
  const host = await SnapshotHost.open(true);
  const { calls } = host.host;
  let usedBytes = 0;
  const outcomes = { failed: 0, proved: 0 };
  for (let round = 0; round < 14; round++) {
    const random = new Random(SEED + round);
    host.fill(random, 2);
    const taking = host.begin(random.pick(FORMATS));
    let isMore = true;
    try {
      while (isMore) {
        for (let i = random.int(6); i > 0; i--) host.change(random);
        if (random.chance(0.1)) calls.failAllocationsAfter(random.int(12));
        isMore = taking.step(1 + random.int(400));
        if (random.chance(0.5)) host.change(random);
        calls.failAllocationsAfter(-1);
      }
      outcomes.proved++;
      taking.prove(`seed ${SEED + round}`);
    } catch (error) {
      calls.failAllocationsAfter(-1);
      assert(
        error instanceof Error && error.message === "out of memory",
        `${error}`,
      );
      outcomes.failed++;
      taking.snapshot.abort();
    }
    host.verify();
    for (let i = 0; i < 100; i++) host.change(random);
    host.empty();
    if (round > 4) assertEquals(host.usedBytes, usedBytes, `round ${round}`);
    usedBytes = host.usedBytes;
  }
  assert(outcomes.failed > 1 && outcomes.proved > 1, JSON.stringify(outcomes));
});

Deno.test("a value may shrink, change its form and go before it is written", async () => {
  const host = await SnapshotHost.open(true);
  const some = (count: number) => Array.from({ length: count }, (_, i) => i);
  // The last node has one element alone.
  host.call("RPUSH", "list", ...some(2001));
  host.call("SADD", "set", ...some(2000));
  host.call("ZADD", "zset", ...some(2000).flatMap((i) => [i, i]));
  host.call("HSET", "hash", ...some(2000).flatMap((i) => [i, i]));
  host.call("HPEXPIREAT", "hash", host.nowMs + 50, "FIELDS", 2, 5, 6);
  const taking = host.begin("rdb");
  // Another due time for a field of a hash that is frozen already.
  host.call("HPEXPIREAT", "hash", host.nowMs + 90, "FIELDS", 2, 5, 7);
  host.call("LTRIM", "list", -1, -1);
  taking.step(1);
  host.call("SPOP", "set", 1990);
  host.call("ZREMRANGEBYRANK", "zset", 3, -1);
  taking.step(1);
  for (const key of ["list", "set", "zset"]) host.call("RENAME", key, "one");
  host.nowMs += 60;
  host.call("HGET", "hash", 5);
  host.call("FLUSHALL");
  host.call("RPUSH", "list", ...some(30));
  while (taking.step(50)) continue;
  taking.prove("all gone");
  host.empty();
});

Deno.test("a due key that is met while it is followed keeps its fields' times", async () => {
  const host = await SnapshotHost.open(true);
  host.call("HSET", "hash", "a", 1, "b", 2);
  host.call("HPEXPIREAT", "hash", host.nowMs + 900, "FIELDS", 1, "a");
  host.call("PEXPIREAT", "hash", host.nowMs + 50);
  const taking = host.begin("rdb");
  host.nowMs += 60;
  assertEquals(host.call("EXISTS", "hash"), ":0");
  while (taking.step(50)) continue;
  taking.prove("due");
  host.empty();
});

Deno.test("a third one cannot begin before another is given back", async () => {
  const host = await SnapshotHost.open(true);
  host.fill(new Random(SEED), 1);
  const [first, second] = [host.begin("rdb"), host.begin("commands")];
  assertThrows(() => host.begin("rdb"), Error, "two snapshots are under way");
  first.step(100);
  // Its marks are still on, and are taken off first.
  first.snapshot.abort();
  const third = host.begin("rdb");
  for (const taking of [second, third]) {
    while (taking.step(1000)) continue;
    taking.prove("one of two");
  }
  host.empty();
});
