/** A server without sockets of which snapshots are taken. */
import { assertEquals } from "@std/assert";
import type { BenchClient } from "../dispatch/harness.ts";
import { Snapshot } from "../../src/persistence/snapshot.ts";
import { concat } from "../support/bytes.ts";
import { at } from "../support/clock.ts";
import type { Random } from "../support/random.ts";
import { readRdb } from "../support/rdb.ts";
import { latin1 } from "../support/reply.ts";
import { RecordHost } from "./record_host.ts";
import {
  type Contents,
  contentsOf,
  contentsOfCommands,
  filling,
  randomChange,
  SNAPSHOT_CONFIG,
  type Words,
} from "./snapshot_data.ts";

const START_MS = 1_700_000_000_000;

export class SnapshotHost {
  nowMs = START_MS;
  #client: BenchClient;

  static async open(debug: boolean): Promise<SnapshotHost> {
    return new SnapshotHost(await RecordHost.open(SNAPSHOT_CONFIG, debug));
  }

  private constructor(readonly host: RecordHost) {
    this.#client = host.client;
  }

  get keyspace() {
    return this.host.bench.server.keyspace;
  }

  get usedBytes(): number {
    return this.host.engine.calls.usedBytes();
  }

  /** A command, whose reply may be an error. */
  call(...words: Words): string {
    // Without memory for what it sends, a client is disconnected.
    if (this.#client.session.closing) this.#client = this.host.bench.connect();
    return this.#atTime(() => this.#client.call(...words).trimEnd());
  }

  fill(random: Random, databases = 3): void {
    for (let index = 0; index < databases; index++) {
      this.call("SELECT", index);
      for (const words of filling(random, this.nowMs)) this.call(...words);
    }
  }

  change(random: Random): void {
    this.call(...randomChange(random, this.nowMs));
    if (random.chance(0.1)) this.nowMs += random.int(20);
    if (random.chance(0.1)) this.#atTime(() => this.keyspace.expireSlice());
    if (random.chance(0.2)) this.keyspace.reclaimSlice();
  }

  /** What there is, read without a snapshot. */
  contents(): Contents {
    return contentsOf(readRdb(this.host.saveRdb()).entries);
  }

  begin(format: "rdb" | "commands"): Taking {
    const expected = this.contents();
    const snapshot = new Snapshot(this.host.engine, this.keyspace, { format });
    assertEquals(snapshot.keysTotal, expected.size);
    return new Taking(snapshot, format, expected);
  }

  verify(): void {
    this.host.bench.verify();
  }

  /** Removes all data, and all that waits to be freed. */
  empty(): void {
    this.call("FLUSHALL");
    this.call("PING");
    while (this.keyspace.reclaimSlice()) continue;
    this.verify();
  }

  #atTime<T>(work: () => T): T {
    this.host.bench.server.dispatcher.clock.set(this.nowMs);
    return at(this.nowMs, work);
  }
}

/** A snapshot under way, and what it must come to. */
export class Taking {
  #pieces: Uint8Array[] = [];

  constructor(
    readonly snapshot: Snapshot,
    readonly format: "rdb" | "commands",
    readonly expected: Contents,
  ) {}

  /** True while there is more. */
  step(units: number): boolean {
    const isMore = this.snapshot.step(units);
    for (let piece = this.snapshot.take(); piece;) {
      this.#pieces.push(piece);
      piece = this.snapshot.take();
    }
    return isMore;
  }

  /** Compares what was taken with what there was at the beginning. */
  prove(hint: string): void {
    this.snapshot.abort();
    const contents = this.format === "rdb"
      ? contentsOf(readRdb(concat(this.#pieces)).entries)
      : contentsOfCommands(this.#pieces.map(latin1).join(""));
    assertEquals(this.snapshot.keysDone, this.expected.size, hint);
    assertEquals(contents.size, this.expected.size, hint);
    for (const [key, value] of this.expected) {
      if (contents.get(key) === value) continue;
      throw new Error(
        `${hint}: ${key} is\n${contents.get(key)?.slice(0, 2000)}\nnot\n` +
          value.slice(0, 2000),
      );
    }
  }
}
