// Up to where a collection keeps its small encoding, and how long a string may
// get; as CONFIG says.

export let listMaxListpackSize: i32 = -2;
export let listCompressDepth: u32 = 0;
export let hashMaxListpackEntries: u32 = 512;
export let hashMaxListpackValue: u32 = 64;
export let setMaxIntsetEntries: u32 = 512;
export let setMaxListpackEntries: u32 = 128;
export let setMaxListpackValue: u32 = 64;
export let zsetMaxListpackEntries: u32 = 128;
export let zsetMaxListpackValue: u32 = 64;
export let hllSparseMaxBytes: u32 = 3000;

/** proto-max-bulk-len: no operation makes a longer string. */
export let maxStringBytes: u32 = 512 << 20;

/** A larger bound would change nothing: no listpack gets so long. */
const BOUND_MAX: f64 = 1073741824;

// @ts-ignore: decorator
@inline
function bound(value: f64): u32 {
  return u32(min(value, BOUND_MAX));
}

export function setListLimits(listpackSize: i32, compressDepth: f64): void {
  listMaxListpackSize = listpackSize;
  listCompressDepth = bound(compressDepth);
}

export function setHashLimits(entries: f64, valueBytes: f64): void {
  hashMaxListpackEntries = bound(entries);
  hashMaxListpackValue = bound(valueBytes);
}

export function setSetLimits(
  intsetEntries: f64,
  entries: f64,
  valueBytes: f64,
): void {
  setMaxIntsetEntries = bound(intsetEntries);
  setMaxListpackEntries = bound(entries);
  setMaxListpackValue = bound(valueBytes);
}

export function setSortedSetLimits(entries: f64, valueBytes: f64): void {
  zsetMaxListpackEntries = bound(entries);
  zsetMaxListpackValue = bound(valueBytes);
}

export function setHyperLogLogLimit(sparseBytes: f64): void {
  hllSparseMaxBytes = bound(sparseBytes);
}

export function setMaxStringBytes(byteCount: u32): void {
  maxStringBytes = byteCount;
}
