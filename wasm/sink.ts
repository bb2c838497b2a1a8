// Sinks: bytes on their way out of the engine, to a file, a log or a replica.
// Whoever has bytes puts them in at the end; TypeScript takes piece after piece
// from the front and frees it.
//
//   control block:  u32 first piece | u32 last piece | f64 bytes ever put |
//                   u32 failed | u32 summed | u64 CRC64, when summed
//   piece:          u32 next | u32 byte count | bytes
//
// One sink is selected, and all `put` go there: its place in the last piece is
// kept in globals. The byte count of that piece is only right after `settle`,
// which every other function here sees to. A summed sink knows the CRC64 of all
// that was ever put in: `settle` adds what has come since. One that only sums
// keeps no bytes at all, and goes on in its one piece.
//
// Whoever must not lose bytes reserves room for them first. The pieces that are
// made for this wait as spare ones, for one sink at a time.
//
// Without memory a sink fails: what is put from then on goes nowhere, so that
// nobody who writes has to look, and whoever reads asks `sinkFailed`.

import { allocUnbounded, free } from "./allocator";
import { crc64 } from "./crc64";
import { copyBytes } from "./entry";
import { countNot } from "./memory_limit";

const SINK_BYTES: u32 = 32;
const LAST: usize = 4;
const TOTAL: usize = 8;
const FAILED: usize = 16;
const SUMMED: usize = 20;
const SUM: usize = 24;
// What stands in SUMMED.
const KEEPS_AND_SUMS: u32 = 1;
const ONLY_SUMS: u32 = 2;

const NEXT: usize = 0;
const COUNT: usize = 4;
const PIECE_HEADER_BYTES: u32 = 8;
/** A piece is a run of whole pages. */
const PIECE_BYTES: u32 = 65536;

/** What `sinkRoom` may ask for. */
export const ROOM_MAX: u32 = 1024;
/** Where a failed sink writes. */
const nowhere: u32 = u32(memory.data(ROOM_MAX, 8));

/** Pieces for the sink that has reserved room, and how many. */
let spare: u32 = 0;
let spareCount: u32 = 0;
let spareFor: u32 = 0;

let sink: u32 = 0;
/** Where the selected sink's next byte goes, and where its room ends. */
let at: u32 = 0;
let end: u32 = 0;

/** An empty sink, 0 without memory. */
export function sinkNew(): u32 {
  const made = allocUnbounded(SINK_BYTES);
  if (made) memory.fill(made, 0, SINK_BYTES);
  return made;
}

/** Frees a sink and what it still holds. */
export function sinkFree(gone: u32): void {
  if (sink == gone) sink = at = end = 0;
  for (let piece = load<u32>(gone); piece;) {
    const next = load<u32>(piece, NEXT);
    freePiece(piece);
    piece = next;
  }
  free(gone);
}

/** What is put goes into this sink from now on; 0 when nothing will be put. */
export function selectSink(selected: u32): void {
  if (sink == selected) return;
  settle();
  sink = selected;
  const last = sink ? load<u32>(sink, LAST) : 0;
  at = last ? last + PIECE_HEADER_BYTES + load<u32>(last, COUNT) : 0;
  end = last ? last + PIECE_BYTES : 0;
}

/** Writes down how far the last piece is filled. */
function settle(): void {
  if (!sink) return;
  const last = load<u32>(sink, LAST);
  if (!last || at - last > PIECE_BYTES) return;
  const count = at - last - PIECE_HEADER_BYTES;
  const before = load<u32>(last, COUNT);
  if (count == before) return;
  store<u32>(last, count, COUNT);
  store<f64>(sink, load<f64>(sink, TOTAL) + f64(count - before), TOTAL);
  if (!load<u32>(sink, SUMMED)) return;
  const fresh = last + PIECE_HEADER_BYTES + before;
  store<u64>(sink, crc64(load<u64>(sink, SUM), fresh, count - before), SUM);
}

/** What waits to leave the engine does not count against maxmemory. */
function allocPiece(): u32 {
  const piece = allocUnbounded(PIECE_BYTES);
  if (piece) countNot(PIECE_BYTES);
  return piece;
}

function freePiece(piece: u32): void {
  free(piece);
  countNot(-i32(PIECE_BYTES));
}

function newPiece(): u32 {
  if (!spare || spareFor != sink) return allocPiece();
  const piece = spare;
  spare = load<u32>(piece, NEXT);
  spareCount--;
  return piece;
}

/** A piece has so many bytes at least that are not left free at its end. */
const SURE_BYTES: u32 = PIECE_BYTES - PIECE_HEADER_BYTES - ROOM_MAX;

/**
 * Makes sure that so many bytes can be put into the selected sink without its
 * failing; false when there is no memory for them. Until they have been put,
 * no other sink may reserve.
 */
// @ts-ignore: decorator
@inline
export function sinkReserve(byteCount: u64): bool {
  return u64(end - at) >= byteCount || reservePieces(byteCount);
}

function reservePieces(byteCount: u64): bool {
  if (load<u32>(sink, FAILED)) return false;
  if (spareFor != sink) sinkUnreserve();
  spareFor = sink;
  const wanted = (byteCount + SURE_BYTES - 1) / SURE_BYTES;
  while (u64(spareCount) < wanted) {
    const piece = allocPiece();
    if (!piece) return false;
    store<u32>(piece, spare, NEXT);
    spare = piece;
    spareCount++;
  }
  return true;
}

/** Frees what was reserved and is not used. */
export function sinkUnreserve(): void {
  while (spare) {
    const piece = spare;
    spare = load<u32>(piece, NEXT);
    freePiece(piece);
  }
  spareCount = 0;
}

/** A new last piece; without memory the sink fails and writes nowhere. */
function addPiece(): void {
  settle();
  if (load<u32>(sink, SUMMED) == ONLY_SUMS && startOver()) return;
  const piece = load<u32>(sink, FAILED) ? 0 : newPiece();
  if (!piece) {
    goNowhere();
    return;
  }
  store<u64>(piece, 0);
  const last = load<u32>(sink, LAST);
  if (last) store<u32>(last, piece, NEXT);
  else store<u32>(sink, piece);
  store<u32>(sink, piece, LAST);
  at = piece + PIECE_HEADER_BYTES;
  end = piece + PIECE_BYTES;
}

/** Puts the next bytes in the place of those that are summed up. */
function startOver(): bool {
  const piece = load<u32>(sink, LAST);
  if (!piece || load<u32>(sink, FAILED)) return false;
  store<u32>(piece, 0, COUNT);
  at = piece + PIECE_HEADER_BYTES;
  return true;
}

function goNowhere(): void {
  store<u32>(sink, 1, FAILED);
  at = nowhere;
  end = nowhere + ROOM_MAX;
}

/** Lets the selected sink fail: what should be put could not be made. */
export function sinkFail(): void {
  settle();
  goNowhere();
}

/** Sums up what is put into a sink, which is still empty. */
export function sinkSum(summed: u32): void {
  store<u32>(summed, KEEPS_AND_SUMS, SUMMED);
}

/** Counts and sums up what is put into a sink, still empty, and drops it. */
export function sinkOnlySum(summed: u32): void {
  store<u32>(summed, ONLY_SUMS, SUMMED);
}

/** The CRC64 of all that was put in, 0 when the sink is not summed. */
export function sinkCrc(asked: u32): u64 {
  if (asked == sink) settle();
  return load<u64>(asked, SUM);
}

/** The sink that is selected, 0 when none is. */
export function selectedSink(): u32 {
  return sink;
}

/**
 * Where up to ROOM_MAX bytes may be written next; `sinkAdvance` then says how
 * many it were.
 */
// @ts-ignore: decorator
@inline
export function sinkRoom(byteCount: u32): u32 {
  if (end - at < byteCount) addPiece();
  return at;
}

// @ts-ignore: decorator
@inline
export function sinkAdvance(byteCount: u32): void {
  at += byteCount;
}

// @ts-ignore: decorator
@inline
export function put8(byte: u32): void {
  if (at == end) addPiece();
  store<u8>(at, byte);
  at++;
}

// @ts-ignore: decorator
@inline
export function put64(word: u64): void {
  store<u64>(sinkRoom(8), word);
  at += 8;
}

// @ts-ignore: decorator
@inline
export function putBytes(from: u32, byteCount: u32): void {
  if (end - at >= byteCount) {
    copyBytes(at, from, byteCount);
    at += byteCount;
  } else putPieces(from, byteCount);
}

function putPieces(from: u32, byteCount: u32): void {
  while (byteCount) {
    if (at == end) addPiece();
    const count = min(end - at, byteCount);
    memory.copy(at, from, count);
    at += count;
    from += count;
    byteCount -= count;
  }
}

/**
 * Takes some of the bytes that were put last out again, if they lie in the last
 * piece of the selected sink; false otherwise. Not for sinks that sum.
 */
export function sinkCut(from: u32, byteCount: u32): bool {
  settle();
  const last = load<u32>(sink, LAST);
  if (!last || from < last || from - last >= PIECE_BYTES) return false;
  memory.copy(from, from + byteCount, at - from - byteCount);
  at -= byteCount;
  store<u32>(last, load<u32>(last, COUNT) - byteCount, COUNT);
  store<f64>(sink, load<f64>(sink, TOTAL) - f64(byteCount), TOTAL);
  return true;
}

/** Bytes that were ever put into a sink. */
export function sinkTotal(asked: u32): f64 {
  if (asked == sink) settle();
  return load<f64>(asked, TOTAL);
}

/** Whether bytes were lost because there was no memory. */
export function sinkFailed(asked: u32): i32 {
  return load<u32>(asked, FAILED);
}

/** Bytes of the first piece, 0 when there is nothing to take. */
export function sinkHeadBytes(asked: u32): u32 {
  if (asked == sink) settle();
  const piece = load<u32>(asked);
  return piece ? load<u32>(piece, COUNT) : 0;
}

export function sinkHeadPtr(asked: u32): u32 {
  return load<u32>(asked) + PIECE_HEADER_BYTES;
}

/** Whether the first piece is full: more can follow only behind it. */
export function sinkHeadIsFull(asked: u32): i32 {
  const piece = load<u32>(asked);
  return piece && piece != load<u32>(asked, LAST) ? 1 : 0;
}

/** Frees the first piece, which was taken. */
export function sinkDrop(asked: u32): void {
  if (asked == sink) settle();
  const piece = load<u32>(asked);
  const next = load<u32>(piece, NEXT);
  store<u32>(asked, next);
  if (!next) {
    store<u32>(asked, 0, LAST);
    if (asked == sink && at - piece <= PIECE_BYTES) at = end = 0;
  }
  freePiece(piece);
}
