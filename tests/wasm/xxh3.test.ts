/**
 * XXH3 against values that the reference implementation gave: those that its
 * own self-test publishes (marked), and more around every length at which the
 * way of hashing changes.
 */
import { assertEquals } from "@std/assert";
import { type AllocatorExports, BUILDS, loadModules } from "../support/wasm.ts";

interface Exports extends AllocatorExports {
  xxh3(ptr: number, byteCount: number): bigint;
}

const U64 = 2n ** 64n;

/** The bytes that xxHash's self-test hashes. */
function sanityBytes(byteCount: number): Uint8Array {
  let state = 2654435761n;
  return Uint8Array.from({ length: byteCount }, () => {
    const byte = Number(state >> 56n);
    state = state * 11400714785074694797n % U64;
    return byte;
  });
}

const HASHES: readonly [byteCount: number, hash: string][] = [
  [0, "2d06800538d394c2"], // published
  [1, "c44bdff4074eecdb"], // published
  [2, "7a9978044cb8a8bb"],
  [3, "54247382a8d6b94d"],
  [4, "e5dc74bc51848a51"],
  [6, "27b56a84cd2d7325"], // published
  [8, "24ccc9acaa9f65e4"],
  [9, "14d5001c15dd3f2b"],
  [12, "a713daf0dfbb77e7"], // published
  [16, "981b17d36c7498c9"],
  [17, "796f5acd3a60f862"],
  [24, "a3fe70bf9d3510eb"], // published
  [32, "9feaddbdbf57eed3"],
  [33, "abfb2d081b400a10"],
  [48, "397da259ecba1f11"], // published
  [64, "9cb48487720ec49d"],
  [65, "fd81aac4bebc3883"],
  [80, "bcdefbbb2c47c90a"], // published
  [96, "935a769a7f94776f"],
  [97, "ca4ca268fd3c3a6c"],
  [128, "fcff24126754d861"],
  [129, "98f1b0a679a2ca29"],
  [195, "cd94217ee362ec3a"], // published
  [240, "81c3c2b67f568ccf"],
  [241, "c5a639ecd2030e5e"],
  [256, "55de574ad89d0ac5"],
  [403, "cdeb804d65c6dea4"], // published
  [512, "617e49599013cb6b"], // published
  [1024, "dd85c9b5c1109c5c"],
  [1025, "d870c0fa13211c6a"],
  [1088, "cc1450ea6b52a8f4"],
  [2048, "dd59e2c3a5f038e0"], // published
  [2099, "c6b9d9b3fc9ac765"], // published
  [2240, "6e73a90539cf2948"], // published
  [2367, "cb37aeb9e5d361ed"], // published
  [65536, "918f7f0f912ca480"],
  [100003, "d4aad81df88ff644"],
  [262144, "70bce4d830270554"],
];

/** The hashes of all lengths to 5000, one folded into the next. */
const CHAIN_LENGTH = 5000;
const CHAIN_HASH = "c8b4699e7b9ddf9a";

async function load(debug: boolean) {
  const calls = await loadModules<Exports>(["allocator", "xxh3"], { debug });
  const bytes = sanityBytes(262144);

  const ptr = calls.alloc(bytes.length) >>> 0;
  new Uint8Array(calls.memory.buffer).set(bytes, ptr);
  return (byteCount: number) => calls.xxh3(ptr, byteCount) & (U64 - 1n);
}

function hex(hash: bigint): string {
  return hash.toString(16).padStart(16, "0");
}

for (const { name, debug } of BUILDS) {
  Deno.test(`XXH3 gives the reference's hashes (${name})`, async () => {
    const hash = await load(debug);
    for (const [byteCount, expected] of HASHES) {
      assertEquals(hex(hash(byteCount)), expected, `${byteCount} bytes`);
    }
  });

  Deno.test(`XXH3 agrees at every length (${name})`, async () => {
    const hash = await load(debug);
    let chain = 0n;
    for (let byteCount = 0; byteCount <= CHAIN_LENGTH; byteCount++) {
      chain = (chain * 31n + hash(byteCount)) % U64;
    }
    assertEquals(hex(chain), CHAIN_HASH);
  });
}
