// Entries as commands that make them anew: the parts of which record.ts makes a
// record in that format, for an append-only file without an RDB part.
//
//   SET key value | RPUSH key element ... | SADD key member ...
//   HSET key field value ... | ZADD key score member ...
//   HPEXPIREAT key ms FIELDS 1 field | PEXPIREAT key ms
//
// A command takes up to 64 elements, and says how many before the first one:
// `stateLeft` tells how many are still to come. Fields of a hash in which some
// have a due time come one by one, each followed by its own.

import {
  entryDue,
  hasDue,
  keyBytes,
  keyPtr,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STRING,
  TYPE_ZSET,
} from "./entry";
import { DOUBLE_MAX_BYTES, formatDouble } from "./double";
import { fieldScore, fieldValueBytes, fieldValuePtr } from "./field";
import {
  commandBegin,
  commandBytes,
  commandInteger,
  commandLong,
} from "./command_text";
import {
  setStateGroupLeft,
  setStateLeft,
  stateDue,
  stateFirstDue,
  stateGroupLeft,
  stateKeyBytes,
  stateKeyPtr,
  stateKind,
  stateLeft,
} from "./record_state";

const GROUP_COUNT: u32 = 64;

// Words of commands, eight letters in each number.
const SET: u64 = 0x544553;
const RPUSH: u64 = 0x4853555052;
const SADD: u64 = 0x44444153;
const HSET: u64 = 0x54455348;
const ZADD: u64 = 0x4444415a;
const FIELDS: u64 = 0x53444c454946;
const SELECT: u64 = 0x5443454c4553;
/** HPEXPIRE, PEXPIREA and what follows them. */
const HPEXPIRE: u64 = 0x4552495058455048;
const AT: u64 = 0x5441;
const PEXPIREA: u64 = 0x4145524950584550;
const T: u64 = 0x54;

const wordText: u32 = u32(memory.data(16));
const scoreText: u32 = u32(memory.data(DOUBLE_MAX_BYTES));

/** Writes a word of a command as an argument. */
function putWord(letters: u64, more: u64 = 0): void {
  store<u64>(wordText, letters);
  store<u64>(wordText, more, 8);
  commandBytes(wordText, 16 - u32((more ? clz(more) : 64 + clz(letters)) >> 3));
}

function putKey(): void {
  commandBytes(stateKeyPtr(), stateKeyBytes());
}

function groupName(type: u32): u64 {
  if (type == TYPE_LIST) return RPUSH;
  if (type == TYPE_SET) return SADD;
  if (type == TYPE_HASH) return HSET;
  assert(type == TYPE_ZSET);
  return ZADD;
}

/** Makes sure that a command takes one more element. */
// @ts-ignore: decorator
@inline
function takeElement(): void {
  if (!stateGroupLeft()) beginGroup();
  setStateGroupLeft(stateGroupLeft() - 1);
}

function beginGroup(): void {
  const type = stateKind() >> 4;
  const isSingle = stateFirstDue() != Infinity;
  const count = isSingle ? 1 : min(stateLeft(), GROUP_COUNT);
  assert(count > 0);
  const isPair = type == TYPE_HASH || type == TYPE_ZSET;
  commandBegin(2 + (isPair ? count << 1 : count));
  putWord(groupName(type));
  putKey();
  setStateGroupLeft(count);
  setStateLeft(stateLeft() - count);
}

/** What stands before the bytes of a long string. */
export function commandsLongString(byteCount: u32): void {
  commandBegin(3);
  putWord(SET);
  putKey();
  commandLong(byteCount);
}

export function commandsString(ptr: u32, byteCount: u32): void {
  commandBegin(3);
  putWord(SET);
  putKey();
  commandBytes(ptr, byteCount);
}

/** So many elements come next: those of a list are counted node by node. */
export function commandsExpect(count: u32): void {
  assert(stateGroupLeft() == 0);
  setStateLeft(count);
}

export function commandsMember(member: u32): void {
  commandsElement(keyPtr(member), keyBytes(member));
}

/** An element of a list, a member of a set. */
export function commandsElement(ptr: u32, byteCount: u32): void {
  takeElement();
  commandBytes(ptr, byteCount);
}

export function commandsPair(
  first: u32,
  firstBytes: u32,
  second: u32,
  secondBytes: u32,
): void {
  takeElement();
  commandBytes(first, firstBytes);
  commandBytes(second, secondBytes);
}

export function commandsField(field: u32): void {
  const name = keyPtr(field);
  const nameBytes = keyBytes(field);
  commandsPair(name, nameBytes, fieldValuePtr(field), fieldValueBytes(field));
  if (!hasDue(field)) return;
  assert(stateFirstDue() != Infinity);
  commandBegin(6);
  putWord(HPEXPIRE, AT);
  putKey();
  commandInteger(i64(entryDue(field)));
  putWord(FIELDS);
  commandInteger(1);
  commandBytes(name, nameBytes);
}

export function commandsScored(member: u32): void {
  const scoreBytes = formatDouble(scoreText, fieldScore(member));
  commandsPair(scoreText, scoreBytes, keyPtr(member), keyBytes(member));
}

/** What stands behind the value of a key. */
export function commandsEnd(): void {
  assert(stateKind() >> 4 == TYPE_STRING || stateGroupLeft() == 0);
  if (stateDue() < 0) return;
  commandBegin(3);
  putWord(PEXPIREA, T);
  putKey();
  commandInteger(i64(stateDue()));
}

export function commandsSelect(index: u32): void {
  commandBegin(2);
  putWord(SELECT);
  commandInteger(index);
}
