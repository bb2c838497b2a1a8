/**
 * Damaged files and payloads, and what an engine makes of them: each must be
 * loaded or refused in a bounded number of steps, and leave every structure
 * sound; what was loaded must stand being used.
 */
import { RdbError, RdbLoader } from "../../src/persistence/rdb_loader.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import type { Random } from "../support/random.ts";
import { answer } from "./small_files.ts";

/** More than any small file needs, fewer than a hang. */
const STEPS_MAX = 10_000;
const STEP_OBJECTS = 3;

/** Every file that ends too early. */
export function* torn(bytes: Uint8Array): Generator<Uint8Array> {
  for (let end = 0; end < bytes.length; end++) yield bytes.subarray(0, end);
}

/** Every file in which one bit is not what it was. */
export function* flipped(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const copy = bytes.slice();
      copy[at] ^= 1 << bit;
      yield copy;
    }
  }
}

/** Bytes at which lengths, opcodes and encodings change their meaning. */
const TELLING = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xfe, 0xff];

/** A file with one to four changes of any kind. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let copy = [...bytes];
  for (let left = 1 + random.int(4); left > 0; left--) {
    const at = random.int(copy.length);
    const count = 1 + random.int(8);
    switch (random.int(6)) {
      case 0:
        copy[at] = random.int(256);
        break;
      case 1:
        copy[at] = random.pick(TELLING);
        break;
      case 2:
        copy[at] ^= 1 << random.int(8);
        break;
      case 3:
        copy.splice(at, count);
        break;
      case 4:
        copy.splice(
          at,
          0,
          ...copy.slice(random.int(copy.length)).slice(0, count),
        );
        break;
      default:
        copy = copy.slice(0, at).concat(
          random.chance(0.8) ? copy.slice(at) : [],
        );
        if (copy.length > at) copy[at] = (copy[at] + 1) & 0xff;
    }
    if (copy.length === 0) copy.push(random.int(256));
  }
  return Uint8Array.from(copy);
}

/** What became of damaged bytes. */
export interface Tally {
  loaded: number;
  refused: number;
}

/** One engine that meets damaged bytes again and again. */
export class Patient {
  readonly tally: Tally = { loaded: 0, refused: 0 };
  readonly bench: Bench;
  readonly #client: BenchClient;

  constructor(engine?: Engine) {
    this.bench = new Bench({ "enable-debug-command": "yes" }, engine);
    this.#client = this.bench.connect();
    this.bench.server.dispatcher.clock.set(Date.now());
  }

  /** Reads a whole file, as at the start of a server. */
  load(bytes: Uint8Array, options: { checksum: boolean }): void {
    const { engine, keyspace } = this.bench.server;
    const byteCount = bytes.length;
    const loader = new RdbLoader(engine, keyspace, { byteCount, ...options });
    try {
      drive(loader, bytes);
      this.tally.loaded++;
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      this.tally.refused++;
      if (error.expected === "" || !(error.offset <= bytes.length)) {
        throw new Error("a refusal that says too little", { cause: error });
      }
    } finally {
      loader.close();
    }
    this.#proveAndUse();
  }

  /** Executes the commands of a log. */
  replay(bytes: Uint8Array): void {
    const replay = this.bench.server.dispatcher.replay();
    const middle = bytes.length >> 1;
    const problem = replay.feed(bytes.subarray(0, middle)) ??
      replay.feed(bytes.subarray(middle));
    if (problem === null) this.tally.loaded++;
    else this.tally.refused++;
    if (!(replay.offset <= bytes.length)) throw new Error("beyond the end");
    replay.close();
    this.#proveAndUse();
  }

  /** Gives a payload to RESTORE. */
  restore(payload: Uint8Array): void {
    const reply = this.#client.call("RESTORE", "key", "0", payload);
    if (reply === "+OK\r\n") this.tally.loaded++;
    else if (reply.startsWith("-ERR ")) this.tally.refused++;
    else throw new Error(`unexpected: ${reply}`);
    this.#proveAndUse();
  }

  #proveAndUse(): void {
    this.bench.verify();
    for (const database of ["0", "1"]) {
      this.#client.call("SELECT", database);
      for (const key of answer(this.#client.call("KEYS", "*")) as string[]) {
        this.#use(key);
      }
    }
    this.bench.verify();
    this.#client.call("FLUSHALL");
    while (this.bench.server.keyspace.reclaimSlice());
  }

  /** Reads all of a key, then changes it. */
  #use(key: string): void {
    const type = String(answer(this.#client.call("TYPE", key)));
    for (const words of USES[type] ?? []) {
      const [verb, ...rest] = words;
      this.#client.call(verb, key, ...rest);
    }
  }
}

const USES: Record<string, string[][]> = {
  string: [["GET"], ["GETRANGE", "1", "3"], ["APPEND", "x"]],
  list: [
    ...[["LRANGE", "0", "-1"], ["LINDEX", "-1"], ["RPUSH", "new"]],
    ...[["LPUSH", "new"], ["LREM", "0", "a"], ["LPOP", "2"], ["RPOP", "2"]],
  ],
  set: [
    ...[["SMEMBERS"], ["SISMEMBER", "a"], ["SADD", "n1", "n2", "n3", "n4"]],
    ...[["SREM", "a"], ["SPOP", "2"]],
  ],
  zset: [
    ...[["ZRANGE", "0", "-1", "WITHSCORES"], ["ZRANK", "a"]],
    ...[["ZADD", "1", "n1", "2", "n2", "3", "n3"], ["ZREM", "a"]],
    ["ZPOPMIN", "2"],
  ],
  hash: [
    ...[["HGETALL"], ["HGET", "a"], ["HSET", "n1", "1", "n2", "2", "n3", "3"]],
    ...[["HDEL", "a"], ["HPEXPIRE", "100000", "FIELDS", "1", "n1"]],
  ],
};

function drive(loader: RdbLoader, bytes: Uint8Array): void {
  // In two pieces: values lie across the border between windows.
  const middle = bytes.length >> 1;
  let steps = 0;
  for (const piece of [bytes.subarray(0, middle), bytes.subarray(middle)]) {
    loader.feed(piece);
    while (loader.step(STEP_OBJECTS) === "again") count();
  }
  loader.end();
  while (loader.step(STEP_OBJECTS) !== "done") count();

  function count() {
    if (++steps > STEPS_MAX) throw new Error("it does not come to an end");
  }
}
