// Where a client's bytes come in and where they wait when a command is not
// whole yet, or may not be executed yet.
//
//   feed -> TypeScript writes the bytes -> fed -> parseNext ... -> suspend
//
// One input is active at a time. A client with nothing left over has no input:
// its handle is 0 and its bytes go to the staging area, which all share. What
// is left over at `suspend` moves to an input of its own:
//
//   +0   u32  buffer, 0 when there is none      +4   u32  its capacity
//   +8   u32  block of a big argument, or 0     +12  u32  its capacity
//   +16  u32  bytes received of that argument
//   +20       the parser's place, relative to the buffer (parser.ts)
//   +48       the arguments understood so far, pointing into the buffer
//
// A short rest (up to CARRIED_BYTES) is carried back to the staging area in
// front of the client's next bytes; a long one is added to where it lies. An
// argument of BIG_ARGUMENT_BYTES or more that is cut off gets a block and the
// stage RECEIVING: TypeScript writes the rest of it straight into the block.
//
// Whatever a client announces, it gets no more memory than twice what its bytes
// take, and one chunk: buffers, blocks and tables grow by doubling as the bytes
// arrive. Together with the parser's kept place this makes the work linear in
// the bytes, however they are cut.
//
// Invariants of a suspended input (verifyInput): 1. start <= cursor <= limit <=
// capacity of the buffer; 2. something is left over; 3. a block belongs to the
// stage RECEIVING, and received <= block capacity <= the argument's length;
// 4. the arguments lie in the rest or are owned.
//
// The input owns buffer, block and its arguments' table. Pointers to arguments
// are void after the next feed, resumeInput or suspend; a debug build poisons
// the staging area then.

import { alloc, free, resize, usable } from "./allocator";
import {
  addOwnedArgument,
  BIG_ARGUMENT_BYTES,
  BLOCK_HEADER_BYTES,
  clearArguments,
  freeSavedArguments,
  loadArguments,
  saveArguments,
  SAVED_ARGUMENTS_BYTES,
  SAVED_CAPACITY,
  SAVED_OWNED_BYTES,
  verifySavedArguments,
} from "./arguments";
import { OUT_OF_MEMORY } from "./codes";
import { DEBUG } from "./debug";
import {
  bytesOfCutBulk,
  cursor,
  cutBulkBytes,
  endCutBulk,
  extendSource,
  isBetweenCommands,
  leaveCutBulk,
  limit,
  loadPlace,
  moveSource,
  PLACE_BULK_BYTES,
  PLACE_BYTES,
  PLACE_CURSOR,
  PLACE_LIMIT,
  PLACE_STAGE,
  PLACE_START,
  RECEIVING,
  savePlace,
  setSource,
  unparsedBytes,
  unparsedStart,
} from "./parser";

export { errorByte, setParserLimits, setParserTrust } from "./parser";

/** What `suspend` answers when a client's bytes could not be kept. */
const INPUT_LOST: u32 = 0xffffffff;

const BUFFER: usize = 0;
const CAPACITY: usize = 4;
const BLOCK: usize = 8;
const BLOCK_CAPACITY: usize = 12;
const RECEIVED: usize = 16;
const PLACE: u32 = 20;
const ARGUMENTS: u32 = PLACE + PLACE_BYTES;
const INPUT_BYTES: u32 = ARGUMENTS + SAVED_ARGUMENTS_BYTES;

/** The most bytes that one feed takes from a client without an input. */
const CHUNK_BYTES: u32 = 65536;
const CARRIED_BYTES: u32 = 4096;
const STAGING_BYTES: u32 = CHUNK_BYTES + CARRIED_BYTES;
const STAGING: u32 = u32(memory.data(69632, 64));
// A longer rest could not be doubled within 32 bits.
const REST_MAX_BYTES: u32 = 0x70000000;

const POISON: u8 = 0xdd;
const NOBODY: u32 = 0xffffffff;

// Where the active input's bytes are; in a block there is nothing to parse.
const IN_STAGING: u32 = 0;
const IN_BUFFER: u32 = 1;
const IN_BLOCK: u32 = 2;

let activeInput: u32 = NOBODY;
let activePlace: u32 = IN_STAGING;
let room: u32 = 0;

// Sources set aside while another one is parsed:
// { u32 the frame before it; place, relative to 0; arguments }
const FRAME_PLACE: u32 = 4;
const FRAME_ARGUMENTS: u32 = FRAME_PLACE + PLACE_BYTES;
const FRAME_BYTES: u32 = FRAME_ARGUMENTS + SAVED_ARGUMENTS_BYTES;
let frame: u32 = 0;

/**
 * Where the client's next bytes are to be written, at most `feedRoom` of them,
 * or 0 when out of memory; then the input is gone. Otherwise it is active now.
 * `wantedBytes` is the size of the chunk that is at hand.
 */
export function feed(input: u32, wantedBytes: u32): u32 {
  if (input == 0) {
    beginStaging();
    return STAGING;
  }
  const address = feedInput(input, wantedBytes);
  if (address == 0) freeInput(input);
  return address;
}

function feedInput(input: u32, wantedBytes: u32): u32 {
  if (isReceiving(input)) {
    if (receivedBytes(input) < bulkBytesOf(input)) {
      return feedBlock(input, wantedBytes);
    }
    if (!endBlock(input)) return 0;
  } else {
    activate(input);
  }
  if (activePlace == IN_BUFFER) return feedBuffer(input, wantedBytes);
  room = STAGING + STAGING_BYTES - limit;
  return limit;
}

/** How many bytes may be written where the last `feed` said. */
export function feedRoom(): u32 {
  return room;
}

/** So many bytes have been written there. */
export function fed(byteCount: u32): void {
  assert(byteCount <= room);
  room = 0;
  if (activePlace != IN_BLOCK) {
    extendSource(byteCount);
    return;
  }
  const received = receivedBytes(activeInput) + byteCount;
  store<u32>(activeInput, received, RECEIVED);
}

/** Makes a suspended input active again without any new bytes. */
export function resumeInput(input: u32): void {
  if (input == 0) beginStaging();
  else if (isReceiving(input)) beginBlock(input);
  else activate(input);
  room = 0;
}

/**
 * Puts aside what no delivered command has used: the rest of a command and
 * whole commands. Returns the handle to go on with, 0 when nothing is left, or
 * INPUT_LOST when out of memory; then the input is gone.
 */
export function suspend(input: u32): u32 {
  // A handler may have freed the very input that it was called from.
  if (activeInput == NOBODY) return 0;
  assert(input == activeInput);
  // While a block is being filled, everything is where it belongs.
  if (activePlace != IN_BLOCK) {
    if (isBetweenCommands()) clearArguments();
    if (unparsedBytes() == 0) {
      freeInput(input);
      return 0;
    }
    if (!keep()) {
      freeInput(activeInput);
      return INPUT_LOST;
    }
  }
  const handle = activeInput;
  deactivate();
  return handle;
}

/** Frees an input with all that it holds, whether it is active or not. */
export function freeInput(input: u32): void {
  if (input == activeInput) deactivate();
  if (input == 0) return;
  freeSavedArguments(input + ARGUMENTS);
  const buffer = load<u32>(input, BUFFER);
  if (buffer != 0) free(buffer);
  const block = load<u32>(input, BLOCK);
  if (block != 0) free(block);
  free(input);
}

/** How many bytes a client has sent that no command has used. */
export function inputBytes(input: u32): u32 {
  if (input == activeInput && activePlace != IN_BLOCK) return unparsedBytes();
  if (input == 0) return 0;
  return restBytes(input) + receivedBytes(input) +
    load<u32>(input + ARGUMENTS, SAVED_OWNED_BYTES);
}

/** How many of them are of an argument that is not complete and has a block. */
export function inputArgumentBytes(input: u32): u32 {
  return input != 0 && isReceiving(input) ? receivedBytes(input) : 0;
}

/** How many bytes of memory an input takes. */
export function inputCapacity(input: u32): u32 {
  if (input == 0) return 0;
  const saved = input + ARGUMENTS;
  return INPUT_BYTES + load<u32>(input, CAPACITY) +
    load<u32>(input, BLOCK_CAPACITY) + load<u32>(saved, SAVED_OWNED_BYTES) +
    (load<u32>(saved, SAVED_CAPACITY) << 3);
}

/**
 * Sets the active source and its command's arguments aside to parse other bytes
 * that hold whole commands, such as a queued transaction; may be repeated
 * within. Returns 0 or OUT_OF_MEMORY.
 */
export function enterSource(ptr: u32, byteCount: u32): i32 {
  const inner = alloc(FRAME_BYTES);
  if (inner == 0) return OUT_OF_MEMORY;
  if (!saveArguments(inner + FRAME_ARGUMENTS)) {
    free(inner);
    return OUT_OF_MEMORY;
  }
  savePlace(inner + FRAME_PLACE, 0);
  store<u32>(inner, frame);
  frame = inner;
  setSource(ptr, byteCount);
  return 0;
}

/** Back to the source and the arguments before enterSource. */
export function leaveSource(): void {
  assert(frame != 0);
  const inner = frame;
  loadPlace(inner + FRAME_PLACE, 0);
  loadArguments(inner + FRAME_ARGUMENTS);
  frame = load<u32>(inner);
  free(inner);
}

/** 0, or the number of the broken invariant of a suspended input. */
export function verifyInput(input: u32): u32 {
  const place = input + PLACE;
  const at = load<u32>(place, PLACE_CURSOR);
  if (load<u32>(place, PLACE_START) > at) return 1;
  if (at > load<u32>(place, PLACE_LIMIT)) return 1;
  if (load<u32>(place, PLACE_LIMIT) > load<u32>(input, CAPACITY)) return 1;
  if (restBytes(input) == 0) return 2;
  const buffer = load<u32>(input, BUFFER);
  const from = buffer + load<u32>(place, PLACE_START);
  if (verifySavedArguments(input + ARGUMENTS, from, buffer + at)) return 4;
  if (!isReceiving(input)) return load<u32>(input, BLOCK) == 0 ? 0 : 3;
  const capacity = load<u32>(input, BLOCK_CAPACITY);
  if (receivedBytes(input) > capacity) return 3;
  return capacity <= bulkBytesOf(input) ? 0 : 3;
}

/** Leaves nothing to parse; what the arguments still own is freed. */
function deactivate(): void {
  activeInput = NOBODY;
  room = 0;
  setSource(0, 0);
  if (DEBUG) memory.fill(STAGING, POISON, STAGING_BYTES);
}

function beginStaging(): void {
  activeInput = 0;
  activePlace = IN_STAGING;
  room = STAGING_BYTES;
  setSource(STAGING, 0);
}

/** Nothing to parse: the next bytes belong to a block. */
function beginBlock(input: u32): void {
  activeInput = input;
  activePlace = IN_BLOCK;
  setSource(0, 0);
}

/** Goes on parsing in the staging area or, after a long rest, in the buffer. */
function activate(input: u32): void {
  const buffer = load<u32>(input, BUFFER);
  let base = buffer;
  activeInput = input;
  activePlace = IN_BUFFER;
  if (restBytes(input) <= CARRIED_BYTES) {
    const start = load<u32>(input + PLACE, PLACE_START);
    memory.copy(STAGING, buffer + start, restBytes(input));
    activePlace = IN_STAGING;
    base = STAGING - start;
  }
  loadArguments(input + ARGUMENTS);
  loadPlace(input + PLACE, buffer);
  if (base != buffer) moveSource(base - buffer);
}

/** A block is full: its argument takes its place among the others. */
function endBlock(input: u32): bool {
  activate(input);
  const block = load<u32>(input, BLOCK);
  store<u32>(block, bulkBytesOf(input));
  if (!addOwnedArgument(block)) return false;
  store<u32>(input, 0, BLOCK);
  store<u32>(input, 0, BLOCK_CAPACITY);
  store<u32>(input, 0, RECEIVED);
  endCutBulk();
  return true;
}

function feedBlock(input: u32, wantedBytes: u32): u32 {
  beginBlock(input);
  const received = receivedBytes(input);
  const missing = bulkBytesOf(input) - received;
  if (!growBlock(input, received + min(wantedBytes, missing))) return 0;
  room = load<u32>(input, BLOCK_CAPACITY) - received;
  return load<u32>(input, BLOCK) + BLOCK_HEADER_BYTES + received;
}

/** Makes the block large enough for so many bytes, which have arrived. */
function growBlock(input: u32, arrivedBytes: u32): bool {
  const capacity = load<u32>(input, BLOCK_CAPACITY);
  if (arrivedBytes <= capacity) return true;
  // The last doubling ends at the exact length, so nothing is left to trim.
  const total = bulkBytesOf(input);
  let grown = total;
  if (arrivedBytes < total >> 1) grown = max(arrivedBytes, capacity << 1);
  const block = load<u32>(input, BLOCK);
  const moved = block == 0
    ? alloc(BLOCK_HEADER_BYTES + grown)
    : resize(block, BLOCK_HEADER_BYTES + grown);
  if (moved == 0) return false;
  store<u32>(input, moved, BLOCK);
  store<u32>(input, grown, BLOCK_CAPACITY);
  return true;
}

function feedBuffer(input: u32, wantedBytes: u32): u32 {
  const wanted = min(wantedBytes, CHUNK_BYTES);
  const buffer = load<u32>(input, BUFFER);
  const capacity = load<u32>(input, CAPACITY);
  if (buffer + capacity - limit < wanted) {
    if (!makeRoom(input, wanted)) return 0;
  }
  room = load<u32>(input, BUFFER) + load<u32>(input, CAPACITY) - limit;
  return limit;
}

/** Moves the rest to the buffer's front, and enlarges it if that is better. */
function makeRoom(input: u32, wantedBytes: u32): bool {
  const rest = unparsedBytes();
  if (rest > REST_MAX_BYTES) return false;
  let buffer = load<u32>(input, BUFFER);
  const used = unparsedStart() - buffer;
  if (used != 0) {
    memory.copy(buffer, buffer + used, rest);
    moveSource(0 - used);
  }
  // A little room in front is not worth moving a long rest each time.
  if (used > rest >> 1 && load<u32>(input, CAPACITY) - rest >= wantedBytes) {
    return true;
  }
  const grown = rest + max(rest, wantedBytes);
  buffer = resize(buffer, grown);
  if (buffer == 0) return false;
  moveSource(buffer - load<u32>(input, BUFFER));
  store<u32>(input, buffer, BUFFER);
  store<u32>(input, usable(buffer), CAPACITY);
  return true;
}

/** Moves all that is active into its input; false when out of memory. */
function keep(): bool {
  if (activeInput == 0) {
    const fresh = alloc(INPUT_BYTES);
    if (fresh == 0) return false;
    memory.fill(fresh, 0, INPUT_BYTES);
    activeInput = fresh;
  }
  const input = activeInput;
  if (!keepBlock(input) || !keepBytes(input)) return false;
  savePlace(input + PLACE, load<u32>(input, BUFFER));
  return saveArguments(input + ARGUMENTS);
}

/** Gives a big argument that is cut off a block; false when out of memory. */
function keepBlock(input: u32): bool {
  const total = cutBulkBytes(BIG_ARGUMENT_BYTES);
  if (total == 0) return true;
  const arrived = bytesOfCutBulk();
  store<u32>(input + PLACE, total, PLACE_BULK_BYTES);
  if (arrived != 0) {
    if (!growBlock(input, arrived)) return false;
    const block = load<u32>(input, BLOCK);
    memory.copy(block + BLOCK_HEADER_BYTES, cursor, arrived);
    store<u32>(input, arrived, RECEIVED);
  }
  leaveCutBulk();
  return true;
}

/** Sees to it that the rest lies in the input's own buffer, of fitting size. */
function keepBytes(input: u32): bool {
  const rest = unparsedBytes();
  const old = load<u32>(input, BUFFER);
  const capacity = load<u32>(input, CAPACITY);
  const isWasteful = rest <= CARRIED_BYTES && capacity > 2 * CARRIED_BYTES;
  if (activePlace == IN_BUFFER && !isWasteful) return true;
  let buffer = old;
  if (capacity < rest || isWasteful) {
    buffer = alloc(rest);
    // Without memory a buffer that is too large serves as well.
    if (buffer == 0 && capacity >= rest) buffer = old;
    if (buffer == 0) return false;
  }
  memory.copy(buffer, unparsedStart(), rest);
  moveSource(buffer - unparsedStart());
  if (buffer != old) {
    if (old != 0) free(old);
    store<u32>(input, buffer, BUFFER);
    store<u32>(input, usable(buffer), CAPACITY);
  }
  return true;
}

// @ts-ignore: decorator
@inline
function isReceiving(input: u32): bool {
  return load<u32>(input + PLACE, PLACE_STAGE) == RECEIVING;
}

// @ts-ignore: decorator
@inline
function receivedBytes(input: u32): u32 {
  return load<u32>(input, RECEIVED);
}

// @ts-ignore: decorator
@inline
function bulkBytesOf(input: u32): u32 {
  return load<u32>(input + PLACE, PLACE_BULK_BYTES);
}

// @ts-ignore: decorator
@inline
function restBytes(input: u32): u32 {
  return load<u32>(input + PLACE, PLACE_LIMIT) -
    load<u32>(input + PLACE, PLACE_START);
}
