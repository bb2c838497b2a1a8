/** A server without sockets that RDB files are loaded into, piece by piece. */
import { assertEquals } from "@std/assert";
import {
  RdbError,
  type RdbEvents,
  RdbLoader,
  type RdbLoaderOptions,
} from "../../src/persistence/rdb_loader.ts";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Word } from "../support/client.ts";
import { at } from "../support/clock.ts";
import { flat } from "../support/lines.ts";

export const NOW_MS = 1_700_000_000_000;

export interface LoadOptions extends RdbLoaderOptions {
  /** Bytes of a piece that is fed at a time. */
  piece?: number;
  /** Keys and elements of a step. */
  budget?: number;
}

export interface Loaded {
  version: number;
  keys: number;
  expired: number;
  empty: number;
  offset: number;
  checksum: string;
}

export class RdbHost {
  readonly bench: Bench;
  readonly client: BenchClient;

  constructor(values: Record<string, string> = {}, engine?: Engine) {
    this.bench = new Bench(values, engine);
    this.client = this.bench.connect();
    this.call("PING");
    this.engine.calls.setClock(NOW_MS);
  }

  get engine(): Engine {
    return this.bench.server.engine;
  }

  get usedBytes(): number {
    return this.engine.calls.usedBytes();
  }

  /** Loads a whole file; throws what the loader throws. */
  load(bytes: Uint8Array, options: LoadOptions = {}): Loaded {
    const { piece = 65536, budget = 1000 } = options;
    const { engine } = this;
    engine.calls.setClock(NOW_MS);
    const loader = new RdbLoader(engine, this.bench.server.keyspace, {
      byteCount: bytes.length,
      ...options,
    });
    try {
      for (let at = 0; at < bytes.length; at += piece) {
        loader.feed(bytes.subarray(at, at + piece));
        while (loader.step(budget) === "again") continue;
      }
      loader.end();
      while (loader.step(budget) !== "done") continue;
      return {
        version: loader.version,
        keys: loader.keys,
        expired: loader.expiredKeys,
        empty: loader.emptyKeys,
        offset: loader.offset,
        checksum: loader.checksum,
      };
    } finally {
      loader.close();
    }
  }

  /** What is wrong with a file that must be refused. */
  refusal(bytes: Uint8Array, options: LoadOptions = {}): RdbError {
    try {
      this.load(bytes, options);
    } catch (error) {
      if (error instanceof RdbError) return error;
      throw error;
    }
    throw new Error("the file was loaded");
  }

  /** The events of a file, in order. */
  events(bytes: Uint8Array, options: LoadOptions = {}): string[] {
    const told: string[] = [];
    const events: RdbEvents = {
      aux: (name, value) => told.push(`${name}=${value}`),
      function: (code) =>
        told.push(`function ${new TextDecoder().decode(code)}`),
      moduleData: (module) => told.push(`module ${module}`),
      select: (index) => told.push(`select ${index}`),
      emptyKey: (key) => told.push(`empty ${key}`),
    };
    this.load(bytes, { ...options, events });
    return told;
  }

  /** A command's reply, its lines with a space between them. */
  call(...words: Word[]): string {
    return flat(this.raw(...words));
  }

  /** The reply as it is. */
  raw(...words: Word[]): string {
    return at(NOW_MS, () => this.client.call(...words));
  }

  say(line: string): string {
    return this.call(...line.split(" "));
  }

  assert(rows: readonly [line: string, reply: string][]): void {
    for (const [line, reply] of rows) assertEquals(this.say(line), reply, line);
    this.verify();
  }

  verify(): void {
    this.bench.verify();
  }

  /** Takes all data out, so that memory can be compared. */
  empty(): void {
    const { keyspace } = this.bench.server;
    // A database that is emptied gets a new table: none may be left as it is.
    for (const db of keyspace) {
      const words = this.engine.calls;
      words.releaseArguments();
      db.set(this.engine.pushArgument("k"), this.engine.pushArgument("v"));
      words.releaseArguments();
    }
    keyspace.flush();
    while (keyspace.reclaimSlice()) continue;
  }
}
