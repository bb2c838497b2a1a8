/** The intset: its bytes, its widening, and a fuzz against a plain Set. */
import { assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import {
  type AllocatorExports,
  type Build,
  BUILDS,
  Instance,
  loadModules,
} from "../support/wasm.ts";

interface IntsetExports extends AllocatorExports {
  intsetNew(): number;
  intsetCount(set: number): number;
  intsetBytes(set: number): number;
  intsetAt(set: number, index: number): bigint;
  intsetFind(set: number, value: bigint): number;
  intsetInsert(set: number, value: bigint): number;
  intsetRemoveFound(set: number): number;
  verifyIntset(set: number): number;
}

const MIN = -(2n ** 63n), MAX = 2n ** 63n - 1n;

class IntsetHost extends Instance<IntsetExports> {
  set = 0;

  static async load({ debug }: Build): Promise<IntsetHost> {
    const modules = ["allocator", "intset"];
    const host = new IntsetHost(
      await loadModules<IntsetExports>(modules, { debug }),
    );
    host.set = host.calls.intsetNew() >>> 0;
    return host;
  }

  has(value: bigint): boolean {
    return this.calls.intsetFind(this.set, value) === 1;
  }

  add(...values: bigint[]): void {
    for (const value of values) {
      if (this.has(value)) continue;
      this.set = this.calls.intsetInsert(this.set, value) >>> 0;
    }
  }

  remove(value: bigint): void {
    if (!this.has(value)) return;
    this.set = this.calls.intsetRemoveFound(this.set) >>> 0;
  }

  values(): bigint[] {
    const count = this.calls.intsetCount(this.set);
    return Array.from(
      { length: count },
      (_, i) => this.calls.intsetAt(this.set, i),
    );
  }

  hex(): string {
    const byteCount = this.calls.intsetBytes(this.set);
    return this.bytes(this.set, byteCount).slice().toHex();
  }

  broken(): number {
    return this.calls.verifyIntset(this.set);
  }
}

for (const build of BUILDS) {
  Deno.test(`an intset has the bytes of Redis's (${build.name})`, async () => {
    const host = await IntsetHost.load(build);
    assertEquals(host.hex(), "0200000000000000");
    host.add(5n, -1n, 300n);
    assertEquals(host.hex(), "0200000003000000" + "ffff" + "0500" + "2c01");
    host.add(32768n);
    assertEquals(
      host.hex(),
      "0400000004000000" + "ffffffff" + "05000000" + "2c010000" + "00800000",
    );
    host.remove(32768n);
    host.remove(5n);
    host.remove(300n);
    host.add(-2147483649n);
    assertEquals(
      host.hex(),
      "0800000002000000" + "ffffff7fffffffff" + "ffffffffffffffff",
    );
  });

  Deno.test(`an intset widens at the limits (${build.name})`, async () => {
    const limits = [32767n, 32768n, 2147483647n, 2147483648n, MAX];
    for (const limit of limits) {
      for (const values of [[limit], [-limit - 1n], [limit, -limit - 1n]]) {
        const host = await IntsetHost.load(build);
        host.add(1n, ...values, 0n);
        const sorted = [1n, 0n, ...values].sort((a, b) => a < b ? -1 : 1);
        assertEquals(host.values(), sorted);
        assertEquals(host.broken(), 0);
        for (const value of sorted) assertEquals(host.has(value), true);
        assertEquals(host.has(limit - 1n), limit - 1n === 1n);
      }
    }
  });

  Deno.test(`an intset is the set that it models (${build.name})`, async () => {
    const seed = 20260401;
    console.log(`seed ${seed}`);
    const random = new Random(seed);
    for (const spread of [20n, 70_000n, 2n ** 33n, 2n ** 63n]) {
      const host = await IntsetHost.load(build);
      const model = new Set<bigint>();
      for (let step = 0; step < 1500; step++) {
        const wide = BigInt(random.int(2 ** 32)) * 2n ** 32n +
          BigInt(random.int(2 ** 32));
        const value = BigInt.asIntN(64, wide % (2n * spread) - spread);
        if (random.chance(0.6)) {
          host.add(value);
          model.add(value);
        } else {
          const gone = model.size > 0 && random.chance(0.7)
            ? random.pick([...model])
            : value;
          host.remove(gone);
          model.delete(gone);
        }
        assertEquals(host.has(value), model.has(value));
        if (step % 50 === 0) {
          assertEquals(host.broken(), 0);
          const sorted = [...model].sort((a, b) => a < b ? -1 : 1);
          assertEquals(host.values(), sorted);
          host.verify();
        }
      }
      host.calls.free(host.set);
      assertEquals(host.calls.usedBytes(), 0);
    }
  });

  Deno.test(`an intset without memory is as it was (${build.name})`, async () => {
    const host = await IntsetHost.load(build);
    for (let i = 0n; i < 2000n; i++) host.add(i);
    host.close();
    host.exhaust(65536);
    host.exhaust(4096);
    host.exhaust(8);
    const before = host.hex();
    assertEquals(host.has(MIN), false);
    assertEquals(host.calls.intsetInsert(host.set, MIN), 0);
    assertEquals(host.hex(), before);
    host.remove(7n);
    assertEquals(host.calls.intsetCount(host.set), 1999);
    assertEquals(host.broken(), 0);
  });
}

Deno.test("verifyIntset names each broken invariant", async () => {
  const host = await IntsetHost.load(BUILDS[0]);
  host.add(1n, 2n, 3n);
  host.setWord(host.set, 3);
  assertEquals(host.broken(), 1);
  host.setWord(host.set, 2);
  host.setWord(host.set + 4, 2 ** 31);
  assertEquals(host.broken(), 2);
  host.setWord(host.set + 4, 3);
  assertEquals(host.broken(), 0);
  host.setWord(host.set + 8, 0x00010002);
  assertEquals(host.broken(), 3);
});
