// LZF, the compression of RDB strings and of a list's inner nodes. Only the
// format is LibLZF's, so that files and replicas understand each other.
//
//   000nnnnn                       n + 1 literal bytes follow         (1..32)
//   nnnooooo oooooooo              repeat n + 2 bytes, n = 1..6       (3..8)
//   111ooooo nnnnnnnn oooooooo     repeat n + 9 bytes                 (9..264)
//
// A repetition begins o + 1 bytes back in what has been decompressed so far
// (1..8192), and may run into the bytes that it makes itself.
//
// Compressing looks up the last place where the same three bytes stood, in a
// table of one place for each hash, which is smaller for shorter inputs, because
// it has to be empty at the start. Equal inputs become equal outputs. Both
// directions work on memory of the caller and allocate nothing.

const LITERAL_MAX: u32 = 32;
const DISTANCE_MAX: u32 = 8192;
const MATCH_MIN: u32 = 3;
const MATCH_MAX: u32 = 264;
/** From this length on a repetition's length has a byte of its own. */
const LONG_MATCH_MIN: u32 = 9;

const PLACE_BITS_MIN: u32 = 6;
const PLACE_BITS_MAX: u32 = 12;
/** By hash of three bytes: the address where they last stood, or 0. */
const places: u32 = u32(memory.data(16384, 4));

/** The place for the three lowest bytes of a word; 32 - shift bits choose it. */
// @ts-ignore: decorator
@inline
function placeOf(three: u32, shift: u32): u32 {
  return places + ((((three << 8) * 0x9e3779b1) >>> shift) << 2);
}

// @ts-ignore: decorator
@inline
function threeAt(at: u32): u32 {
  return u32(load<u16>(at)) | (u32(load<u8>(at, 2)) << 16);
}

/**
 * Compresses into at most `room` bytes; returns how many it took, 0 when they
 * do not suffice.
 */
export function lzfCompress(
  from: u32,
  byteCount: u32,
  to: u32,
  room: u32,
): u32 {
  const bits = max(32 - clz(byteCount), PLACE_BITS_MIN);
  const shift = 32 - min(bits, PLACE_BITS_MAX);
  memory.fill(places, 0, 4 << (32 - shift));
  const end = from + byteCount;
  const outEnd = to + room;
  let out = to;
  let literals = from;
  let at = from;
  while (end - at >= MATCH_MIN) {
    const three = threeAt(at);
    const place = placeOf(three, shift);
    const earlier = load<u32>(place);
    store<u32>(place, at);
    if (
      !earlier || at - earlier > DISTANCE_MAX || threeAt(earlier) != three
    ) {
      at++;
      continue;
    }
    out = putLiterals(out, outEnd, literals, at - literals);
    if (!out || outEnd - out < MATCH_MIN) return 0;
    const length = matchLength(earlier, at, min(end - at, MATCH_MAX));
    out = putMatch(out, at - earlier - 1, length);
    const next = at + length;
    // What follows may go on with the last bytes of this repetition.
    for (at = next - 2; at < next; at++) {
      if (end - at >= MATCH_MIN) store<u32>(placeOf(threeAt(at), shift), at);
    }
    literals = next;
  }
  out = putLiterals(out, outEnd, literals, end - literals);
  return out ? out - to : 0;
}

/** How many bytes are equal, the first three being so. */
function matchLength(earlier: u32, at: u32, most: u32): u32 {
  let length = MATCH_MIN;
  while (length < most && load<u8>(earlier + length) == load<u8>(at + length)) {
    length++;
  }
  return length;
}

/** Writes a repetition and returns where it ends; three bytes are free. */
// @ts-ignore: decorator
@inline
function putMatch(out: u32, back: u32, length: u32): u32 {
  if (length < LONG_MATCH_MIN) {
    store<u8>(out, ((length - 2) << 5) | (back >> 8));
    store<u8>(out, back, 1);
    return out + 2;
  }
  store<u8>(out, 0xe0 | (back >> 8));
  store<u8>(out, length - LONG_MATCH_MIN, 1);
  store<u8>(out, back, 2);
  return out + 3;
}

/** Writes literals and returns where they end, 0 when there is no room. */
function putLiterals(out: u32, outEnd: u32, from: u32, byteCount: u32): u32 {
  while (byteCount) {
    const run = min(byteCount, LITERAL_MAX);
    if (outEnd - out <= run) return 0;
    store<u8>(out, run - 1);
    memory.copy(out + 1, from, run);
    out += run + 1;
    from += run;
    byteCount -= run;
  }
  return out;
}

/**
 * Decompresses into at most `room` bytes; returns how many came out, 0 when
 * they do not suffice or the input is not in the format. It reads and writes
 * nothing outside of what it was given.
 */
export function lzfDecompress(
  from: u32,
  byteCount: u32,
  to: u32,
  room: u32,
): u32 {
  const end = from + byteCount;
  const outEnd = to + room;
  let out = to;
  while (from != end) {
    const control: u32 = load<u8>(from++);
    let length = control >> 5;
    if (length == 0) {
      length = control + 1;
      if (end - from < length || outEnd - out < length) return 0;
      if (min(end - from, outEnd - out) >= LITERAL_MAX) {
        // All that it may be, whose rest is overwritten by what follows.
        v128.store(out, v128.load(from));
        v128.store(out, v128.load(from, 16), 16);
      } else memory.copy(out, from, length);
      from += length;
      out += length;
      continue;
    }
    if (end - from < u32(length == 7 ? 2 : 1)) return 0;
    if (length == 7) length += load<u8>(from++);
    length += 2;
    const distance = (((control & 31) << 8) | load<u8>(from++)) + 1;
    if (out - to < distance || outEnd - out < length) return 0;
    if (distance >= 16 && outEnd - out >= length + 16) {
      repeatBlocks(out, distance, length);
    } else repeat(out, distance, length);
    out += length;
  }
  return out - to;
}

/** The same in blocks of 16 bytes, the last of which may write too much. */
// @ts-ignore: decorator
@inline
function repeatBlocks(out: u32, distance: u32, length: u32): void {
  for (let i: u32 = 0; i < length; i += 16) {
    v128.store(out + i, v128.load(out + i - distance));
  }
}

/** Writes again what stands `distance` bytes back. */
// @ts-ignore: decorator
@inline
function repeat(out: u32, distance: u32, length: u32): void {
  if (distance == 1) {
    memory.fill(out, load<u8>(out - 1), length);
  } else if (distance >= length) {
    memory.copy(out, out - distance, length);
  } else {
    for (let i: u32 = 0; i < length; i++) {
      store<u8>(out + i, load<u8>(out + i - distance));
    }
  }
}
