/** LZF in the engine: known bytes, round trips, and inputs that are wrong. */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import {
  type AllocatorExports,
  BUILDS,
  Instance,
  loadModules,
} from "../support/wasm.ts";

const SEED = 20_261_121;

interface LzfExports extends AllocatorExports {
  lzfCompress(from: number, n: number, to: number, room: number): number;
  lzfDecompress(from: number, n: number, to: number, room: number): number;
}

/** Compresses and decompresses between blocks of exact size. */
class Host extends Instance<LzfExports> {
  compress(plain: Uint8Array, room: number): Uint8Array | null {
    return this.#pass(this.calls.lzfCompress, plain, room);
  }

  decompress(packed: Uint8Array, room: number): Uint8Array | null {
    return this.#pass(this.calls.lzfDecompress, packed, room);
  }

  #pass(
    work: (from: number, n: number, to: number, room: number) => number,
    input: Uint8Array,
    room: number,
  ): Uint8Array | null {
    const from = this.alloc(input.length + 1);
    // Bytes behind the room must stay as they are.
    const to = this.alloc(room + 16);
    this.bytes(from, input.length).set(input);
    this.bytes(to + room, 16).fill(0x5a);
    const byteCount = work(from, input.length, to, room) >>> 0;
    assert(byteCount <= room);
    assert(this.bytes(to + room, 16).every((byte) => byte === 0x5a));
    const output = byteCount ? this.bytes(to, byteCount).slice() : null;
    this.calls.free(from);
    this.calls.free(to);
    return output;
  }
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Data with repetitions near and far, short and long. */
function sample(random: Random): Uint8Array {
  const parts: number[] = [];
  const wanted = random.int(random.pick([10, 100, 3000, 20_000])) + 1;
  while (parts.length < wanted) {
    const back = random.int(parts.length + 1);
    if (back > 0 && random.chance(0.6)) {
      const start = parts.length - back;
      const length = random.int(random.pick([4, 12, 300])) + 1;
      for (let i = 0; i < length; i++) parts.push(parts[start + i]);
    } else {
      parts.push(...random.bytes(random.int(random.pick([3, 70])) + 1));
    }
  }
  return Uint8Array.from(parts);
}

for (const build of BUILDS) {
  const test = (name: string, run: (host: Host) => void) =>
    Deno.test(`${name} (${build.name})`, async () => {
      run(new Host(await loadModules<LzfExports>(["allocator", "lzf"], build)));
    });

  test("LZF reads what the format says", (host) => {
    const cases: [packed: number[], plain: string][] = [
      [[0, 0x61], "a"],
      [[2, 0x61, 0x62, 0x63], "abc"],
      // The shortest repetition, one byte back: it feeds itself.
      [[0, 0x61, 0x20, 0], "aaaa"],
      [[1, 0x61, 0x62, 0x40, 1], "ababab"],
      // A length in a byte of its own.
      [[0, 0x61, 0xe0, 0, 0], "a" + "a".repeat(9)],
      [[0, 0x61, 0xe0, 255, 0], "a" + "a".repeat(264)],
    ];
    for (const [packed, plain] of cases) {
      const bytes = Uint8Array.from(packed);
      assertEquals(host.decompress(bytes, plain.length), bytesOf(plain));
      assertEquals(host.decompress(bytes, plain.length - 1), null);
      for (let cut = 1; cut < packed.length; cut++) {
        const part = host.decompress(bytes.subarray(0, cut), plain.length);
        assert(part === null || part.length < plain.length);
      }
    }
  });

  test("LZF refuses to reach back before the beginning", (host) => {
    assertEquals(host.decompress(Uint8Array.of(0x20, 0), 100), null);
    assertEquals(host.decompress(Uint8Array.of(0, 0x61, 0x20, 1), 100), null);
    assertEquals(host.decompress(Uint8Array.of(0, 0x61, 0x3f, 255), 9), null);
  });

  test("LZF makes repetitions short, and says when there is no room", (host) => {
    const plain = bytesOf("abcdefghij".repeat(400));
    const packed = host.compress(plain, plain.length);
    assert(packed && packed.length < 70, String(packed?.length));
    assertEquals(host.decompress(packed, plain.length), plain);
    assertEquals(host.compress(plain, packed.length), packed);
    assertEquals(host.compress(plain, packed.length - 1), null);
    const noise = new Random(SEED).bytes(1000);
    assertEquals(host.compress(noise, noise.length), null);
  });

  test(`LZF gives back what it was given, seed ${SEED}`, (host) => {
    const random = new Random(SEED);
    for (let round = 0; round < 300; round++) {
      const plain = sample(random);
      const room = plain.length + (plain.length >> 5) + 1;
      const packed = host.compress(plain, room);
      assert(packed, `round ${round}`);
      const again = host.decompress(packed, plain.length);
      assert(again && equal(again, plain), `round ${round}`);
      assertEquals(host.decompress(packed, plain.length - 1), null);
    }
    host.verify();
  });

  test(`LZF survives any input, seed ${SEED}`, (host) => {
    const random = new Random(SEED);
    for (let round = 0; round < 3000; round++) {
      host.decompress(random.bytes(random.int(60)), random.int(400));
    }
    host.verify();
  });
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
