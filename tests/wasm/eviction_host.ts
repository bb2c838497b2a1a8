/** The engine's eviction for tests, on databases without a server around. */
import { assertEquals } from "@std/assert";
import {
  EVICT_DUE,
  EVICT_NOBODY,
  EVICT_RANDOM,
  EVICT_UNUSED,
} from "../../wasm/codes.ts";
import { loadModules } from "../support/wasm.ts";
import {
  type KeyspaceExports,
  KeyspaceHost,
  MODULES,
} from "./keyspace_host.ts";

interface EvictionExports extends KeyspaceExports {
  evict(bytes: number, steps: number): number;
  setMemoryLimit(byteCount: number): void;
  setOutsideBytes(byteCount: number): void;
  isOverLimit(): number;
  freeRoom(): number;
  beginBounded(): void;
  endBounded(): void;
  refusedBytes(): number;
  addVictims(db: number): number;
  setVictims(kind: number, onlyVolatile: number, samples: number): void;
  statEvicted(): number;
}

const KINDS: Record<string, number> = {
  noeviction: EVICT_NOBODY,
  lru: EVICT_UNUSED,
  lfu: EVICT_UNUSED,
  random: EVICT_RANDOM,
  ttl: EVICT_DUE,
};

const ENOUGH_STEPS = 1_000_000;

export class EvictionHost extends KeyspaceHost {
  declare readonly calls: EvictionExports;
  readonly databases: number[] = [];

  static async open(debug: boolean, seed = 1): Promise<EvictionHost> {
    const names = [...MODULES, "eviction", "memory_limit", "victims"];
    const host = new EvictionHost(
      await loadModules<EvictionExports>(names, { debug }),
    );
    host.calls.setHashSeed(seed, 2, 3, 4);
    host.calls.setRandomSeed(seed, 5);
    return host;
  }

  /** A database whose keys may be evicted. */
  override newDatabase(): number {
    const db = super.newDatabase();
    assertEquals(this.calls.addVictims(db), 0);
    this.databases.push(db);
    return db;
  }

  /** By the name that maxmemory-policy gives it. */
  setPolicy(policy: string, samples = 5): void {
    const [keys, kind] = policy.split("-");
    this.calls.setLfu(kind === "lfu" ? 1 : 0, 10, 1);
    const isVolatile = keys === "volatile" ? 1 : 0;
    this.calls.setVictims(KINDS[kind ?? keys], isVolatile, samples);
  }

  /** From now on so much more may be in use than there is. */
  leaveRoom(byteCount: number): void {
    this.calls.setMemoryLimit(this.calls.usedBytes() + byteCount);
  }

  /** Evicts exactly so many keys, one after the other. */
  evictKeys(count: number): void {
    const before = this.calls.statEvicted();
    while (this.calls.statEvicted() < before + count) {
      this.leaveRoom(0);
      this.calls.evict(1, 1);
    }
    this.calls.setMemoryLimit(Infinity);
  }

  /** Stores a string after others have made room for it, as commands do. */
  put(db: number, key: string, value: string, due = 0): number {
    const { calls } = this;
    this.forget();
    calls.evict(key.length + value.length + 256, ENOUGH_STEPS);
    this.say(key, value);
    calls.beginBounded();
    const code = calls.setString(db, 0, 1, 0, due);
    calls.endBounded();
    return code;
  }

  override verify(): void {
    super.verify();
    for (const db of this.databases) {
      assertEquals(this.calls.verifyDatabase(db), 0);
    }
  }
}
