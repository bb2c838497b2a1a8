// What the engine removes by itself: keys and fields of hashes that are due, and
// keys that it evicts. Somebody may have to tell replicas, logs and subscribers;
// while anybody listens, it is noted here and TypeScript takes the notes at its
// commit point. For subscribers who ask for it, new keys and missed ones are
// noted too.
//
//   note:  u32 database | u32 key length | u32 what | key bytes | field bytes
//
// `what` is the length of the field that was due, or one of NOTED_... (in
// codes.ts), and then there is no field.
//
// Those who watch a key, or have it in a cache, learn of it here too
// (changes.ts).
//
// What cannot be noted, or logged (effects.ts), does not happen: without memory
// a due key stays and is only hidden until there is some.

import { argLen, argPtr } from "./arguments";
import { keyGoes } from "./changes";
import {
  NOTED_EMPTIED,
  NOTED_EVICTED,
  NOTED_HASH,
  NOTED_KEY,
  NOTED_MISSED,
  NOTED_NEW,
} from "./codes";
import { isLogging, logExpired } from "./effects";
import { copyBytes, keyBytes, keyPtr } from "./entry";
import { interest, OF_CHANGES } from "./key_chains";
import {
  addToNotes,
  clearNotes,
  makeNotesRoom,
  NOTES_BYTES,
  notesEnd,
  notesLength,
  notesPtr,
} from "./notes";

const NOTE_HEADER_BYTES: u32 = 12;

/** Bits of NOTICE_... (codes.ts). */
export let notices: u32 = 0;

let observed: bool = false;
const notes = u32(memory.data(NOTES_BYTES, 4));

export function setObserved(on: i32): void {
  observed = on != 0;
}

export function setNotices(bits: u32): void {
  notices = bits;
}

/** A key is due: whether it may go. */
export function noteExpired(database: u32, entry: u32): bool {
  return mayGo(database, entry, NOTED_KEY, 0);
}

/** A field of a hash is due: whether it may go. */
export function noteExpiredField(
  database: u32,
  entry: u32,
  field: u32,
): bool {
  return mayGo(database, entry, keyBytes(field), field);
}

/** A key is to be evicted: whether it may go. */
export function noteEvicted(database: u32, entry: u32): bool {
  return mayGo(database, entry, NOTED_EVICTED, 0);
}

/** All fields of a hash are due: whether it may go as a whole. */
export function noteExpiredHash(database: u32, entry: u32): bool {
  return mayGo(database, entry, NOTED_HASH, 0);
}

function mayGo(database: u32, entry: u32, what: u32, field: u32): bool {
  if (interest & OF_CHANGES) keyGoes(database, entry, what != NOTED_EVICTED);
  return !(observed || isLogging) || tell(database, entry, what, field);
}

/** The field noted before was a hash's last: its key goes too. */
export function noteEmptied(database: u32, entry: u32): void {
  if (observed) note(database, entry, NOTED_EMPTIED, 0);
}

/** A key is new. Without memory nobody hears of it. */
export function noteNew(database: u32, entry: u32): void {
  if (makeRoom(keyBytes(entry), 0)) note(database, entry, NOTED_NEW, 0);
}

/** The key of an argument was read and is not there. */
export function noteMissed(database: u32, key: u32): void {
  const byteCount = argLen(key);
  if (!makeRoom(byteCount, 0)) return;
  noteName(database, argPtr(key), byteCount, NOTED_MISSED);
}

function tell(database: u32, entry: u32, what: u32, field: u32): bool {
  const fieldByteCount = field ? keyBytes(field) : 0;
  if (observed && !makeRoom(keyBytes(entry), fieldByteCount)) return false;
  if (isLogging && !logExpired(database, entry, field)) return false;
  if (observed) note(database, entry, what, field);
  return true;
}

/** Room for a note, and for one more of the same key (`noteEmptied`). */
function makeRoom(byteCount: u32, fieldByteCount: u32): bool {
  const need = 2 * (NOTE_HEADER_BYTES + byteCount) + fieldByteCount;
  return makeNotesRoom(notes, need);
}

function note(database: u32, entry: u32, what: u32, field: u32): void {
  noteName(database, keyPtr(entry), keyBytes(entry), what);
  if (!field) return;
  copyBytes(notesEnd(notes), keyPtr(field), what);
  addToNotes(notes, what);
}

function noteName(database: u32, ptr: u32, byteCount: u32, what: u32): void {
  const at = notesEnd(notes);
  store<u32>(at, database);
  store<u32>(at, byteCount, 4);
  store<u32>(at, what, 8);
  copyBytes(at + NOTE_HEADER_BYTES, ptr, byteCount);
  addToNotes(notes, NOTE_HEADER_BYTES + byteCount);
}

export function journalBase(): u32 {
  return notesPtr(notes);
}

export function journalLength(): u32 {
  return notesLength(notes);
}

/** The notes have been taken. */
export function journalReset(): void {
  clearNotes(notes);
}
