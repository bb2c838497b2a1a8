/**
 * The buffers in which replies leave the engine.
 *
 * Small pieces share a buffer that is given up when it is full. Large ones lie
 * in chunks, which are used again as soon as the system has taken what is in
 * them: else the garbage collector would run for as long as it takes to make
 * the replies.
 */

const SHARED_BYTES = 16 * 1024;
/** Up to this size a piece is small and needs no release. */
export const SMALL_PIECE_BYTES = 1024;
/** Larger pieces than this get a buffer of their own. */
export const PIECE_MAX_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** More than so many empty chunks are not kept. */
const SPARE_MAX = 8;

interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many pieces of it are still to be sent. */
  pieceCount: number;
}

/** Weak, for a piece that nobody releases takes its chunk along. */
const chunks = new WeakMap<ArrayBufferLike, Chunk>();
const spare: Chunk[] = [];
let current = newChunk();
let filledBytes = 0;

let shared = new Uint8Array(SHARED_BYTES);
let sharedBytes = 0;

function newChunk(): Chunk {
  const chunk = { bytes: new Uint8Array(CHUNK_BYTES), pieceCount: 0 };
  chunks.set(chunk.bytes.buffer, chunk);
  return chunk;
}

/**
 * Room for at most PIECE_MAX_BYTES, to be filled and sent. Who sends it calls
 * `releasePiece`.
 */
export function takePiece(byteCount: number): Uint8Array<ArrayBuffer> {
  return byteCount <= SMALL_PIECE_BYTES
    ? takeSmall(byteCount)
    : take(byteCount);
}

/**
 * Room for bytes that many send, so that nobody may release them: they are
 * never used again.
 */
export function takeForMany(byteCount: number): Uint8Array<ArrayBuffer> {
  return byteCount <= SMALL_PIECE_BYTES
    ? takeSmall(byteCount)
    : new Uint8Array(byteCount);
}

/**
 * A copy of several clients' replies, to be cut into their pieces. It needs no
 * release.
 */
export function takeShared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.length > SHARED_BYTES) {
    return bytes.slice() as Uint8Array<ArrayBuffer>;
  }
  const piece = takeSmall(bytes.length);
  piece.set(bytes);
  return piece;
}

function takeSmall(byteCount: number): Uint8Array<ArrayBuffer> {
  if (sharedBytes + byteCount > SHARED_BYTES) {
    shared = new Uint8Array(SHARED_BYTES);
    sharedBytes = 0;
  }
  const at = sharedBytes;
  sharedBytes += byteCount;
  return shared.subarray(at, sharedBytes);
}

function take(byteCount: number): Uint8Array<ArrayBuffer> {
  if (filledBytes + byteCount > CHUNK_BYTES) nextChunk();
  const at = filledBytes;
  filledBytes += byteCount;
  current.pieceCount++;
  return current.bytes.subarray(at, filledBytes);
}

function nextChunk(): void {
  const full = current;
  current = spare.pop() ?? newChunk();
  filledBytes = 0;
  if (full.pieceCount === 0) keep(full);
}

/** The piece has been sent, or never will be. Other bytes are left alone. */
export function releasePiece(bytes: Uint8Array): void {
  if (bytes.length <= SMALL_PIECE_BYTES) return;
  const chunk = chunks.get(bytes.buffer);
  if (chunk === undefined) return;
  chunk.pieceCount--;
  if (chunk.pieceCount === 0 && chunk !== current) keep(chunk);
}

function keep(chunk: Chunk): void {
  if (spare.length < SPARE_MAX) spare.push(chunk);
}
