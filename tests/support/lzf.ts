/** LZF, decompressed the slow and obvious way; see lzf.ts in wasm/. */
export function lzf(packed: Uint8Array, byteCount: number): Uint8Array {
  const plain = new Uint8Array(byteCount);
  let at = 0;
  let from = 0;
  while (from < packed.length) {
    const control = packed[from++];
    let length = control >> 5;
    if (length === 0) {
      for (let left = control + 1; left > 0; left--) {
        plain[at++] = packed[from++];
      }
      continue;
    }
    if (length === 7) length += packed[from++];
    const back = ((control & 31) << 8 | packed[from++]) + 1;
    for (let left = length + 2; left > 0; left--, at++) {
      plain[at] = plain[at - back];
    }
  }
  if (at !== byteCount) throw new Error(`LZF of ${at} bytes, not ${byteCount}`);
  return plain;
}
