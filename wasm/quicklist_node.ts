// The nodes of a quicklist: each holds a listpack, or one element alone.
//
//   node (24 bytes):   u32 previous | u32 next | u32 block | u16 element count |
//                      u8 form: PLAIN | COMPRESSED | u8 0 | 2 x u32 place
//
//   block:             a listpack
//     PLAIN            u32 byte count | bytes of the one element
//     COMPRESSED       u32 bytes of LZF | u32 bytes without it | LZF
//                      of the listpack, or of the element without its count
//
// Nodes far enough from both ends of a list are compressed when the list asks
// for it. To be read they are opened, which leaves them as they are; to be
// changed they are expanded. Both need memory and fail without. Nobody relies
// on a node being compressed, or not: what memory does not allow is left.
//
// A node owns its block; a quicklist owns its nodes. Of a list that one of two
// snapshots still has to write (snapshot_list.ts), a node's place is the word
// there that names it, else it is 0. Such a node is announced before its
// elements change (`changeNode`); whether it is compressed does not matter.

import { alloc, free, resize, usable } from "./allocator";
import { verifyListpack } from "./listpack";
import { listpackAppend, listpackNew } from "./listpack_edit";
import { lzfCompress, lzfDecompress } from "./lzf";
import { beforeNodeChange, keepsNode, watched } from "./watch";

const NODE_BYTES: u32 = 24;
const NEXT: usize = 4;
const BLOCK: usize = 8;
const COUNT: usize = 12;
const FORM: usize = 14;
const PLACES: usize = 16;

const PLAIN: u32 = 1;
const COMPRESSED: u32 = 2;

const PLAIN_HEADER_BYTES: u32 = 4;
const LZF_HEADER_BYTES: u32 = 8;
const WHOLE_BYTES: usize = 4;

/** Less is not worth compressing, nor is a gain of fewer bytes. */
const COMPRESS_MIN_BYTES: u32 = 48;
const COMPRESS_GAIN_MIN: u32 = 8;

/** No listpack can hold an element of a GiB. */
const PACKED_THRESHOLD_MAX: u32 = (1 << 30) - 64;

/** From this length on an element has a node of its own. */
let packedThreshold: u32 = PACKED_THRESHOLD_MAX;

/** DEBUG QUICKLIST-PACKED-THRESHOLD; 0 stands for the usual one. */
export function setPackedThreshold(byteCount: f64): void {
  packedThreshold = byteCount > 0 && byteCount < f64(PACKED_THRESHOLD_MAX)
    ? u32(byteCount)
    : PACKED_THRESHOLD_MAX;
}

// @ts-ignore: decorator
@inline
export function isLargeElement(byteCount: u32): bool {
  return byteCount >= packedThreshold;
}

// @ts-ignore: decorator
@inline
export function previousNode(node: u32): u32 {
  return load<u32>(node);
}

// @ts-ignore: decorator
@inline
export function setPreviousNode(node: u32, previous: u32): void {
  store<u32>(node, previous);
}

// @ts-ignore: decorator
@inline
export function nextNode(node: u32): u32 {
  return load<u32>(node, NEXT);
}

// @ts-ignore: decorator
@inline
export function setNextNode(node: u32, next: u32): void {
  store<u32>(node, next, NEXT);
}

// @ts-ignore: decorator
@inline
export function nodeBlock(node: u32): u32 {
  return load<u32>(node, BLOCK);
}

// @ts-ignore: decorator
@inline
export function setNodeBlock(node: u32, block: u32): void {
  store<u32>(node, block, BLOCK);
}

// @ts-ignore: decorator
@inline
export function nodeCount(node: u32): u32 {
  return load<u16>(node, COUNT);
}

// @ts-ignore: decorator
@inline
export function setNodeCount(node: u32, count: u32): void {
  store<u16>(node, count, COUNT);
}

// @ts-ignore: decorator
@inline
export function isPlain(node: u32): bool {
  return (load<u8>(node, FORM) & PLAIN) != 0;
}

// @ts-ignore: decorator
@inline
export function isCompressed(node: u32): bool {
  return (load<u8>(node, FORM) & COMPRESSED) != 0;
}

/** Bytes of the listpack or of the element, whether compressed or not. */
// @ts-ignore: decorator
@inline
export function nodeBytes(node: u32): u32 {
  const block = nodeBlock(node);
  return isCompressed(node) ? load<u32>(block, WHOLE_BYTES) : load<u32>(block);
}

/** Where a plain block's element lies. */
// @ts-ignore: decorator
@inline
export function plainPtr(block: u32): u32 {
  return block + PLAIN_HEADER_BYTES;
}

/** Where a compressed block's LZF lies, and how many bytes that are. */
// @ts-ignore: decorator
@inline
export function nodeLzfPtr(block: u32): u32 {
  return block + LZF_HEADER_BYTES;
}

// @ts-ignore: decorator
@inline
export function nodeLzfBytes(block: u32): u32 {
  return load<u32>(block);
}

/** A node for a listpack, which it then owns; 0 without memory. */
export function packedNode(lp: u32, count: u32): u32 {
  return newNode(lp, count, 0);
}

/** A node with a new element; 0 without memory. */
export function elementNode(ptr: u32, byteCount: u32): u32 {
  const large = isLargeElement(byteCount);
  const block = large ? plainBlock(ptr, byteCount) : packed(ptr, byteCount);
  if (!block) return 0;
  const node = newNode(block, 1, large ? PLAIN : 0);
  if (!node) free(block);
  return node;
}

function newNode(block: u32, count: u32, form: u32): u32 {
  assert(count <= 0xffff);
  const node = alloc(NODE_BYTES);
  if (!node) return 0;
  store<u64>(node, 0);
  store<u64>(node, 0, PLACES);
  setNodeBlock(node, block);
  store<u32>(node, count | (form << 16), COUNT);
  return node;
}

function packed(ptr: u32, byteCount: u32): u32 {
  const lp = listpackNew();
  if (!lp) return 0;
  const filled = listpackAppend(lp, ptr, byteCount);
  if (!filled) free(lp);
  return filled;
}

function plainBlock(ptr: u32, byteCount: u32): u32 {
  const block = alloc(byteCount + PLAIN_HEADER_BYTES);
  if (!block) return 0;
  store<u32>(block, byteCount);
  memory.copy(plainPtr(block), ptr, byteCount);
  return block;
}

/** Gives a plain node another large element; false without memory. */
export function replacePlain(node: u32, ptr: u32, byteCount: u32): bool {
  const block = plainBlock(ptr, byteCount);
  if (!block) return false;
  nodeChanges(node);
  free(nodeBlock(node));
  setNodeBlock(node, block);
  store<u8>(node, PLAIN, FORM);
  return true;
}

/** A copy of a node without its neighbours, 0 without memory. */
export function copyNode(node: u32): u32 {
  const from = nodeBlock(node);
  const byteCount = blockBytes(node);
  const block = alloc(byteCount);
  if (!block) return 0;
  memory.copy(block, from, byteCount);
  const copy = newNode(block, nodeCount(node), load<u8>(node, FORM));
  if (!copy) free(block);
  return copy;
}

/** Bytes of a node's block that are in use. */
function blockBytes(node: u32): u32 {
  const byteCount = load<u32>(nodeBlock(node));
  if (isCompressed(node)) return byteCount + LZF_HEADER_BYTES;
  return isPlain(node) ? byteCount + PLAIN_HEADER_BYTES : byteCount;
}

/** The word in a snapshot that names this node, 0 as a rule. */
export function nodePlace(node: u32, slot: u32): u32 {
  return load<u32>(node + (slot << 2), PLACES);
}

export function setNodePlace(node: u32, slot: u32, place: u32): void {
  store<u32>(node + (slot << 2), place, PLACES);
}

/** The elements of a node are about to change in its block. */
// @ts-ignore: decorator
@inline
export function nodeChanges(node: u32): void {
  if (watched && load<u64>(node, PLACES)) beforeNodeChange(node);
}

/** Makes ready for a change of a node's elements; false without memory. */
// @ts-ignore: decorator
@inline
export function changeNode(node: u32): bool {
  nodeChanges(node);
  return expandNode(node);
}

export function freeNode(node: u32): void {
  if (watched && load<u64>(node, PLACES) && keepsNode(node)) return;
  free(nodeBlock(node));
  free(node);
}

/** Frees a node whose block has another owner now. */
export function forgetNode(node: u32): void {
  free(node);
}

/** What the allocator counts for a node. */
export function nodeFootprint(node: u32): u32 {
  return usable(node) + usable(nodeBlock(node));
}

// Compression.

/** Compresses a node when it is worth it and there is memory. */
export function compressNode(node: u32): void {
  if (isCompressed(node)) return;
  const block = nodeBlock(node);
  const byteCount = load<u32>(block);
  if (byteCount < COMPRESS_MIN_BYTES) return;
  const room = byteCount - COMPRESS_GAIN_MIN - 1;
  const small = alloc(room + LZF_HEADER_BYTES);
  if (!small) return;
  const from = isPlain(node) ? plainPtr(block) : block;
  const lzfBytes = lzfCompress(from, byteCount, small + LZF_HEADER_BYTES, room);
  if (!lzfBytes) {
    free(small);
    return;
  }
  store<u32>(small, lzfBytes);
  store<u32>(small, byteCount, WHOLE_BYTES);
  setNodeBlock(node, resize(small, lzfBytes + LZF_HEADER_BYTES));
  store<u8>(node, load<u8>(node, FORM) | COMPRESSED, FORM);
  free(block);
}

/** Takes the compression back; false without memory. */
export function expandNode(node: u32): bool {
  if (!isCompressed(node)) return true;
  const block = expanded(node);
  if (!block) return false;
  free(nodeBlock(node));
  setNodeBlock(node, block);
  store<u8>(node, load<u8>(node, FORM) & PLAIN, FORM);
  return true;
}

/**
 * The block of a compressed node as it was before, which is the caller's to
 * free; 0 without memory.
 */
export function expanded(node: u32): u32 {
  const from = nodeBlock(node);
  const byteCount = load<u32>(from, WHOLE_BYTES);
  const plain = isPlain(node);
  const block = alloc(byteCount + (plain ? PLAIN_HEADER_BYTES : 0));
  if (!block) return 0;
  if (plain) store<u32>(block, byteCount);
  const done = lzfDecompress(
    from + LZF_HEADER_BYTES,
    load<u32>(from),
    plain ? plainPtr(block) : block,
    byteCount,
  );
  assert(done == byteCount);
  return block;
}

/** What the node that was opened last was decompressed into, or 0. */
let opened: u32 = 0;

/**
 * The block of a node, without compression, to be read: 0 without memory. It
 * holds until the next one is opened or `closeNode`, which must follow.
 */
// @ts-ignore: decorator
@inline
export function openNode(node: u32): u32 {
  return isCompressed(node) ? openCompressed(node) : nodeBlock(node);
}

function openCompressed(node: u32): u32 {
  closeNode();
  opened = expanded(node);
  return opened;
}

export function closeNode(): void {
  if (!opened) return;
  free(opened);
  opened = 0;
}

/** 0, or the number of a broken invariant: 1 to 5 the listpack's, 6 LZF. */
export function verifyNode(node: u32): i32 {
  const block = nodeBlock(node);
  if (isCompressed(node)) {
    if (load<u32>(block) + LZF_HEADER_BYTES > usable(block)) return 6;
    const whole = expanded(node);
    if (!whole) return 0;
    const broken = isPlain(node) ? 0 : verifyListpack(whole);
    free(whole);
    return broken;
  }
  if (!isPlain(node)) return verifyListpack(block);
  return load<u32>(block) + PLAIN_HEADER_BYTES > usable(block) ? 6 : 0;
}
