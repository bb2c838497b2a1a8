/** A server without sockets whose data can be written out. */
import { RECORD_COMMANDS, RECORD_RDB } from "../../wasm/rdb_codes.ts";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { Sink } from "../../src/engine/sink.ts";
import { type EngineExports, wideEngine } from "../support/engine.ts";

interface RecordCalls {
  selectSink(sink: number): void;
  sinkSum(sink: number): void;
  setRdbCompression(on: number): void;
  setRecordFormat(format: number): void;
  setRecordUse(use: number): void;
  recordEntry(entry: number): void;
  recordSelect(index: number, keyCount: number, dueCount: number): void;
  rdbHeader(version: number): void;
  rdbAux(name: number, value: number): void;
  rdbEnd(): void;
  tableBucketCount(table: number): number;
  tableChain(table: number, index: number): number;
  bucketNext(bucket: number): number;
  bucketEntryCount(bucket: number): number;
  bucketEntry(bucket: number, place: number): number;
  failAllocationsAfter(count: number): void;
}

const FILES = {
  sink: ["selectSink", "sinkSum"],
  rdb_write: ["setRdbCompression"],
  rdb_file: ["rdbHeader", "rdbAux", "rdbEnd"],
  record: ["setRecordFormat", "recordEntry", "recordSelect"],
  record_rdb: ["setRecordUse"],
  table_chains: [
    ...["tableBucketCount", "tableChain"],
    ...["bucketNext", "bucketEntryCount", "bucketEntry"],
  ],
};

export interface SaveOptions {
  version?: number;
  aux?: Record<string, string>;
  isSummed?: boolean;
}

export class RecordHost {
  readonly bench: Bench;
  readonly client: BenchClient;
  readonly engine: Engine;
  readonly calls: RecordCalls & EngineExports;

  static async open(
    config: Record<string, string> = {},
    debug = true,
  ): Promise<RecordHost> {
    const files = debug
      ? { ...FILES, allocator: ["failAllocationsAfter"] }
      : FILES;
    const { engine, calls } = await wideEngine<RecordCalls>(files, { debug });
    return new RecordHost(engine, calls, config);
  }

  private constructor(
    engine: Engine,
    calls: RecordCalls & EngineExports,
    config: Record<string, string>,
  ) {
    this.engine = engine;
    this.calls = calls;
    this.bench = new Bench(
      { "enable-debug-command": "yes", ...config },
      engine,
    );
    this.client = this.bench.connect();
  }

  /** One command; throws when its reply is an error. */
  call(...words: (string | number)[]): string {
    const reply = this.client.call(...words);
    if (reply.startsWith("-")) throw new Error(`${words[0]}: ${reply}`);
    return reply.trimEnd();
  }

  digest(): string {
    return this.call("DEBUG", "DIGEST").slice(1);
  }

  /** All databases as an RDB file. */
  saveRdb(
    { version = 10, aux = {}, isSummed = true }: SaveOptions = {},
  ): Uint8Array<ArrayBuffer> {
    const { calls } = this;
    calls.setRecordFormat(RECORD_RDB);
    return this.#into((sink) => {
      if (isSummed) calls.sinkSum(sink.handle);
      calls.rdbHeader(version);
      for (const [name, value] of Object.entries(aux)) {
        const first = this.engine.pushArgument(name);
        calls.rdbAux(first, this.engine.pushArgument(value));
      }
      this.#recordAll();
      calls.rdbEnd();
    });
  }

  /** All databases as commands. */
  saveCommands(): Uint8Array<ArrayBuffer> {
    this.calls.setRecordFormat(RECORD_COMMANDS);
    return this.#into(() => this.#recordAll());
  }

  /** What is put into a sink meanwhile. */
  #into(work: (sink: Sink) => void): Uint8Array<ArrayBuffer> {
    const sink = new Sink(this.engine);
    this.calls.selectSink(sink.handle);
    work(sink);
    if (sink.hasFailed) throw new Error("the sink has failed");
    const pieces = [];
    for (let piece = sink.take(); piece; piece = sink.take()) {
      pieces.push(piece);
    }
    sink.free();
    this.bench.verify();
    return new Uint8Array(pieces.flatMap((piece) => [...piece]));
  }

  #recordAll(): void {
    for (const db of this.bench.server.keyspace) {
      if (db.size === 0) continue;
      this.calls.recordSelect(db.index, db.size, db.dueCount);
      for (const entry of this.#entries(db.handle)) {
        this.calls.recordEntry(entry);
      }
    }
  }

  *#entries(table: number): Iterable<number> {
    const { calls } = this;
    for (let i = 0; i < calls.tableBucketCount(table) >>> 0; i++) {
      let bucket = calls.tableChain(table, i) >>> 0;
      for (; bucket; bucket = calls.bucketNext(bucket) >>> 0) {
        for (let place = 0; place < calls.bucketEntryCount(bucket); place++) {
          yield calls.bucketEntry(bucket, place) >>> 0;
        }
      }
    }
  }
}
