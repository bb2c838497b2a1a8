/** Sinks: what is put in comes out, in order, whatever is selected between. */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import {
  type AllocatorExports,
  BUILDS,
  Instance,
  loadModules,
} from "../support/wasm.ts";

const SEED = 20_261_121;

interface SinkExports extends AllocatorExports {
  sinkNew(): number;
  sinkFree(sink: number): void;
  selectSink(sink: number): void;
  put8(byte: number): void;
  put64(word: bigint): void;
  putBytes(from: number, byteCount: number): void;
  sinkCut(from: number, byteCount: number): number;
  sinkRoom(byteCount: number): number;
  sinkTotal(sink: number): number;
  sinkFailed(sink: number): number;
  sinkHeadBytes(sink: number): number;
  sinkHeadPtr(sink: number): number;
  sinkHeadIsFull(sink: number): number;
  sinkDrop(sink: number): void;
  sinkSum(sink: number): void;
  sinkCrc(sink: number): bigint;
  crc64(sum: bigint, from: number, byteCount: number): bigint;
}

/** The slow way: bit by bit. */
function crcOf(bytes: Uint8Array, sum = 0n): bigint {
  for (const byte of bytes) {
    sum ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      sum = (sum >> 1n) ^ (sum & 1n ? 0x95ac9329ac4bc9b5n : 0n);
    }
  }
  return sum;
}

/** A sink beside the bytes that it should hold. */
class Model {
  readonly sink: number;
  total = 0;
  #expected: number[] = [];

  constructor(readonly host: Instance<SinkExports>) {
    this.sink = host.calls.sinkNew() >>> 0;
  }

  put(bytes: Uint8Array, how: number): void {
    const { calls } = this.host;
    calls.selectSink(this.sink);
    const from = this.host.alloc(bytes.length + 1);
    this.host.bytes(from, bytes.length).set(bytes);
    const view = new DataView(bytes.buffer);
    if (how === 1 && bytes.length === 1) calls.put8(bytes[0]);
    else if (how === 1 && bytes.length === 8) {
      calls.put64(view.getBigUint64(0, true));
    } else calls.putBytes(from, bytes.length);
    calls.free(from);
    for (const byte of bytes) this.#expected.push(byte);
    this.total += bytes.length;
  }

  takeOne(): void {
    const { calls } = this.host;
    const byteCount = calls.sinkHeadBytes(this.sink) >>> 0;
    if (byteCount === 0) return assertEquals(this.#expected.length, 0);
    const ptr = calls.sinkHeadPtr(this.sink) >>> 0;
    const taken = this.host.bytes(ptr, byteCount);
    const expected = new Uint8Array(this.#expected.splice(0, byteCount));
    assertEquals(taken, expected);
    calls.sinkDrop(this.sink);
  }

  /** Bytes were taken out, in front of so many others. */
  cut(byteCount: number, behind: number): void {
    const { length } = this.#expected;
    this.#expected.splice(length - behind - byteCount, byteCount);
    this.total -= byteCount;
  }

  check(): void {
    assertEquals(this.host.calls.sinkTotal(this.sink), this.total);
    assertEquals(this.host.calls.sinkFailed(this.sink), 0);
  }

  close(): void {
    while (this.#expected.length > 0) this.takeOne();
    this.takeOne();
    this.check();
    this.host.calls.sinkFree(this.sink);
  }
}

for (const build of BUILDS) {
  const open = async () =>
    new Instance(
      await loadModules<SinkExports>(["allocator", "crc64", "sink"], build),
    );

  Deno.test(`sinks give back what was put in (${build.name})`, async () => {
    const host = await open();
    const random = new Random(SEED);
    const before = host.calls.usedBytes();
    const models = [new Model(host), new Model(host), new Model(host)];
    for (let i = 0; i < 3000; i++) {
      const model = models[random.int(3)];
      const what = random.int(20);
      if (what < 2) model.takeOne();
      else if (what < 12) {
        const bytes = random.bytes([1, 4, 8][random.int(3)]);
        model.put(bytes, random.int(2));
      } else model.put(random.bytes(random.int(what === 19 ? 200_000 : 90)), 0);
      model.check();
    }
    for (const model of models) model.close();
    assertEquals(host.calls.usedBytes(), before);
    host.verify();
  });

  Deno.test(`what was put last can be taken out again (${build.name})`, async () => {
    const host = await open();
    const { calls } = host;
    const random = new Random(SEED);
    const model = new Model(host);
    let cuts = 0;
    for (let i = 0; i < 200; i++) {
      model.put(random.bytes(random.int(3000)), 0);
      const place = calls.sinkRoom(15) >>> 0;
      const middle = random.bytes(15);
      const behind = random.bytes(
        random.pick([0, 1, 14, 15, 16, 5000, 70_000]),
      );
      model.put(middle, 0);
      if (random.chance(0.3)) calls.sinkTotal(model.sink);
      model.put(behind, 0);
      calls.selectSink(model.sink);
      if (calls.sinkCut(place, 15)) {
        model.cut(15, behind.length);
        cuts++;
      }
      model.check();
      if (random.chance(0.1)) model.takeOne();
    }
    assert(cuts > 50 && cuts < 200, `${cuts}`);
    model.close();
    host.verify();
  });

  Deno.test(`a CRC64 is that of RDB files (${build.name})`, async () => {
    const host = await open();
    const random = new Random(SEED);
    const sumUp = (bytes: Uint8Array, sum: bigint) => {
      const from = host.alloc(bytes.length + 1);
      host.bytes(from, bytes.length).set(bytes);
      const summed = host.calls.crc64(sum, from, bytes.length);
      host.calls.free(from);
      return BigInt.asUintN(64, summed);
    };
    const known = new TextEncoder().encode("123456789");
    assertEquals(sumUp(known, 0n), 0xe9c6d914c4b8d9can);
    let sum = 0n;
    for (let byteCount = 0; byteCount < 40; byteCount++) {
      const bytes = random.bytes(byteCount);
      assertEquals(sumUp(bytes, sum), crcOf(bytes, sum));
      sum = sumUp(bytes, sum);
    }
  });

  Deno.test(`a summed sink knows its CRC64 (${build.name})`, async () => {
    const host = await open();
    const random = new Random(SEED);
    const summed = new Model(host);
    const plain = new Model(host);
    host.calls.sinkSum(summed.sink);
    let sum = 0n;
    for (let i = 0; i < 100; i++) {
      const bytes = random.bytes(random.int(i % 20 === 0 ? 70_000 : 50));
      summed.put(bytes, 0);
      sum = crcOf(bytes, sum);
      plain.put(random.bytes(random.int(9000)), 0);
      if (i % 7 === 0) summed.takeOne();
      const crc = host.calls.sinkCrc(summed.sink);
      if (i % 3 === 0) assertEquals(BigInt.asUintN(64, crc), sum);
    }
    assertEquals(host.calls.sinkCrc(plain.sink), 0n);
    summed.close();
    plain.close();
  });

  Deno.test(`a sink without memory fails and goes on (${build.name})`, async () => {
    const host = await open();
    const from = host.alloc(100_000);
    const sink = host.calls.sinkNew() >>> 0;
    host.calls.selectSink(sink);
    host.calls.put8(1);
    host.close();
    for (const bytes of [65_536, 4096]) host.exhaust(bytes);
    host.calls.putBytes(from, 100_000);
    for (let i = 0; i < 5000; i++) host.calls.put64(1n);
    assertEquals(host.calls.sinkFailed(sink), 1);
    host.calls.sinkFree(sink);
    host.verify();
  });
}
