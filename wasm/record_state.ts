// What is remembered of a record between its beginning and its end.
//
//   +0   u32 key | +4  u32 key bytes
//   +8   f64 due time in ms, negative for none
//   +16  f64 earliest due time of a field, Infinity for none
//   +24  u32 kind: type << 4 | encoding
//   +28  u32 elements that have not been recorded yet
//   +32  u32 those of them that the command under way still takes
//
// One state is in use. There is always one; whoever records a collection bit by
// bit, with other records in between, has a block of his own for it and selects
// that each time. The key's bytes belong to the caller and stay until the end.

export const RECORD_STATE_BYTES: u32 = 40;

const KEY_BYTES: usize = 4;
const DUE: usize = 8;
const FIRST_DUE: usize = 16;
const KIND: usize = 24;
const LEFT: usize = 28;
const GROUP_LEFT: usize = 32;

const common: u32 = u32(memory.data(RECORD_STATE_BYTES, 8));
let state: u32 = common;

/**
 * Uses a block of RECORD_STATE_BYTES, or what is common to all when 0; returns
 * the one that was in use.
 */
export function selectRecord(block: u32): u32 {
  const before = state;
  state = block ? block : common;
  return before;
}

export function beginState(
  keyPtr: u32,
  keyByteCount: u32,
  dueMs: f64,
  kind: u32,
  count: u32,
  firstDue: f64,
): void {
  store<u32>(state, keyPtr);
  store<u32>(state, keyByteCount, KEY_BYTES);
  store<f64>(state, dueMs, DUE);
  store<f64>(state, firstDue, FIRST_DUE);
  store<u32>(state, kind, KIND);
  store<u32>(state, count, LEFT);
  store<u32>(state, 0, GROUP_LEFT);
}

// @ts-ignore: decorator
@inline
export function stateKeyPtr(): u32 {
  return load<u32>(state);
}

// @ts-ignore: decorator
@inline
export function stateKeyBytes(): u32 {
  return load<u32>(state, KEY_BYTES);
}

// @ts-ignore: decorator
@inline
export function stateDue(): f64 {
  return load<f64>(state, DUE);
}

// @ts-ignore: decorator
@inline
export function stateFirstDue(): f64 {
  return load<f64>(state, FIRST_DUE);
}

// @ts-ignore: decorator
@inline
export function stateKind(): u32 {
  return load<u32>(state, KIND);
}

// @ts-ignore: decorator
@inline
export function stateLeft(): u32 {
  return load<u32>(state, LEFT);
}

// @ts-ignore: decorator
@inline
export function setStateLeft(count: u32): void {
  store<u32>(state, count, LEFT);
}

// @ts-ignore: decorator
@inline
export function stateGroupLeft(): u32 {
  return load<u32>(state, GROUP_LEFT);
}

// @ts-ignore: decorator
@inline
export function setStateGroupLeft(count: u32): void {
  store<u32>(state, count, GROUP_LEFT);
}
