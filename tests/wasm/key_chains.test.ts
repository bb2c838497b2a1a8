/** Chains of keys, each step compared with a plain map. */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import {
  type AllocatorExports,
  BUILDS,
  Instance,
  loadModules,
} from "../support/wasm.ts";

interface Exports extends AllocatorExports {
  interest: WebAssembly.Global;
  hashBytes(ptr: number, byteCount: number): bigint;
  chainsSize(set: number): number;
  chainCount(set: number): number;
  chainStart(set: number, chain: number): number;
  nextInChain(node: number): number;
  findNode(
    set: number,
    hash: bigint,
    index: number,
    ptr: number,
    byteCount: number,
  ): number;
  findNext(node: number): number;
  addNode(
    set: number,
    bit: number,
    hash: bigint,
    index: number,
    ptr: number,
    byteCount: number,
  ): number;
  removeNode(set: number, node: number): void;
  moveChains(set: number, to: number): void;
  drainNode(moved: number): number;
  verifyChains(set: number): number;
}

const SEED = 20261122;
const CHAINS_BYTES = 28;
const BIT = 2;

class Chains {
  readonly set: number;
  readonly #key: number;

  private constructor(readonly heap: Instance<Exports>) {
    this.set = heap.alloc(CHAINS_BYTES);
    heap.bytes(this.set, CHAINS_BYTES).fill(0);
    this.#key = heap.alloc(64);
  }

  static async make(debug: boolean): Promise<Chains> {
    const names = ["allocator", "hash", "key_chains"];
    return new Chains(
      new Instance(await loadModules<Exports>(names, { debug })),
    );
  }

  get size(): number {
    return this.heap.calls.chainsSize(this.set);
  }

  add(key: string, index: number): number {
    const byteCount = this.#put(key);
    const { calls } = this.heap;
    const hash = calls.hashBytes(this.#key, byteCount);
    return calls.addNode(this.set, BIT, hash, index, this.#key, byteCount) >>>
      0;
  }

  remove(node: number): void {
    this.heap.calls.removeNode(this.set, node);
  }

  /** All nodes of a key. */
  find(key: string, index: number): number[] {
    const byteCount = this.#put(key);
    const { calls } = this.heap;
    const hash = calls.hashBytes(this.#key, byteCount);
    const nodes: number[] = [];
    let node = calls.findNode(this.set, hash, index, this.#key, byteCount);
    for (; node !== 0; node = calls.findNext(node)) nodes.push(node >>> 0);
    return nodes;
  }

  /** All nodes, by going through the chains. */
  all(): number[] {
    const { calls } = this.heap;
    const nodes: number[] = [];
    for (let i = 0; i < calls.chainCount(this.set); i++) {
      let node = calls.chainStart(this.set, i);
      for (; node !== 0; node = calls.nextInChain(node)) nodes.push(node >>> 0);
    }
    return nodes;
  }

  verify(): void {
    assertEquals(this.heap.calls.verifyChains(this.set), 0);
    assertEquals(this.heap.calls.interest.value, this.size > 0 ? BIT : 0);
    this.heap.verify();
  }

  #put(key: string): number {
    const bytes = new TextEncoder().encode(key);
    this.heap.bytes(this.#key, bytes.length).set(bytes);
    return bytes.length;
  }
}

/** Grows and shrinks in waves, now and then without memory. */
function runAgainstModel(chains: Chains, random: Random): void {
  const model = new Map<number, string>();
  const nodesOf = (name: string) =>
    [...model].filter(([, other]) => other === name).map(([node]) => node);
  for (let wave = 0; wave < 60; wave++) {
    const isGrowing = random.chance(0.5);
    const isScarce = random.chance(0.2);
    chains.heap.calls.failAllocationsAfter(isScarce ? random.int(20) : -1);
    for (let burst = random.int(400); burst > 0; burst--) {
      const key = `${"k".repeat(random.int(12))}${random.int(300)}`;
      const index = random.int(2);
      if (isGrowing) {
        const node = chains.add(key, index);
        if (node === 0) assert(isScarce);
        else model.set(node, `${index} ${key}`);
      } else if (model.size > 0) {
        const node = random.pick([...model.keys()]);
        chains.remove(node);
        model.delete(node);
      }
    }
    chains.heap.calls.failAllocationsAfter(-1);
    chains.verify();
    assertEquals(chains.all().sort(), [...model.keys()].sort());
    for (let i = 0; i < 10; i++) {
      const key = `${"k".repeat(random.int(12))}${random.int(300)}`;
      const found = chains.find(key, 1).sort();
      assertEquals(found, nodesOf(`1 ${key}`).sort());
    }
  }
  for (const node of model.keys()) chains.remove(node);
  chains.verify();
}

for (const { name, debug } of BUILDS) {
  Deno.test(`chains are a map of keys, seed ${SEED} (${name})`, async () => {
    const chains = await Chains.make(debug);
    const before = chains.heap.calls.usedBytes();
    runAgainstModel(chains, new Random(SEED));
    assertEquals(chains.heap.calls.usedBytes(), before);
  });
}

Deno.test("there are as many chains as keys, and never twice as many", async () => {
  const chains = await Chains.make(false);
  const { calls } = chains.heap;
  const nodes = Array.from({ length: 10_000 }, (_, i) => chains.add(`${i}`, 0));
  assertEquals(calls.chainCount(chains.set), 10_000);
  for (const node of nodes.slice(0, 9_000)) chains.remove(node);
  assertEquals(calls.chainCount(chains.set), 2_000);
  for (const node of nodes.slice(9_000)) chains.remove(node);
  assertEquals(calls.chainCount(chains.set), 0);
  chains.verify();
});

Deno.test("a moved set is drained to its last byte, beside a new one", async () => {
  const chains = await Chains.make(true);
  const { calls } = chains.heap;
  const grave = chains.heap.alloc(CHAINS_BYTES);
  const before = calls.usedBytes();
  for (let i = 0; i < 1_000; i++) chains.add(`${i}`, 0);
  calls.moveChains(chains.set, grave);
  chains.verify();
  const fresh = chains.add("1", 0);
  assertEquals(chains.find("1", 0), [fresh]);
  let count = 0;
  for (let node = calls.drainNode(grave); node !== 0; count++) {
    calls.free(node);
    node = calls.drainNode(grave);
  }
  assertEquals(count, 1_000);
  chains.verify();
  chains.remove(fresh);
  assertEquals(calls.usedBytes(), before);
});

Deno.test("a broken chain is found", async () => {
  const chains = await Chains.make(false);
  const node = chains.add("a", 0);
  const BEFORE = 12, HASH = 0;
  const spoil = (address: number, wanted: number) => {
    const word = chains.heap.word(address);
    chains.heap.setWord(address, word + 1);
    assertEquals(chains.heap.calls.verifyChains(chains.set), wanted);
    chains.heap.setWord(address, word);
  };
  spoil(node + BEFORE, 1);
  spoil(chains.set + 20, 2);
  spoil(node + HASH, 3);
  chains.verify();
});
