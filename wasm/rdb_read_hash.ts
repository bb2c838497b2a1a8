// Hashes from RDB: pair by pair (4), with due times of fields (24), or in one
// piece: zipmap (9), ziplist (13), listpack (16), listpack with due times (25).
//
//   24   u64 earliest due time in ms, count, then for each field:
//        length: 0 without a due time, else 1 + ms after the earliest one
//        name, value
//   25   u64 earliest due time in ms, listpack of name, value, due time or 0
//
// Fields that are due already are read like others: the heap of due times lets
// them go.

import { free } from "./allocator";
import {
  ENCODING_HASHTABLE,
  ENCODING_LISTPACK,
  entryValue,
  TYPE_HASH,
} from "./entry";
import { becomeTable, isListpack } from "./hash_form";
import {
  fieldsOf,
  hashtableFind,
  hashtableNew,
  hashtablePut,
} from "./hashtable";
import { hashMaxListpackEntries, hashMaxListpackValue } from "./limits";
import {
  LISTPACK_BYTES_MAX,
  listpackBytes,
  listpackCount,
  listpackFirst,
  listpackNext,
  readBytes,
  readElement,
  readInteger,
  readIsInteger,
  readPtr,
  viewElementBeside,
} from "./listpack";
import { listpackAppend, listpackNew } from "./listpack_edit";
import { draft, setDraft } from "./rdb_draft";
import {
  FAULT_DUPLICATE_ELEMENT,
  FAULT_FIELD_DUE,
  FAULT_PAIRS,
} from "./rdb_faults";
import {
  NAME,
  readLength,
  readMilliseconds,
  readString,
  reservable,
  stringBytes,
  stringPtr,
  VALUE,
} from "./rdb_read";
import { blobCount, isUnique, takeListpack } from "./rdb_read_blob";
import { fromZiplist, fromZipmap, oldCount, oldLongest } from "./rdb_read_old";
import { fail, failForMemory, trouble } from "./source";
import { tableReserve } from "./table_resize";

/** Due times of fields have 48 bits. */
const DUE_MAX: f64 = 281474976710654;

const nameDigits: u32 = u32(memory.data(24));
const valueDigits: u32 = u32(memory.data(24));

/** The earliest due time of the fields being read. */
let firstDue: f64 = 0;

/** Begins a hash of so many fields in the draft. */
export function beginHash(count: u64): bool {
  if (count <= u64(hashMaxListpackEntries)) {
    const lp = listpackNew();
    if (!lp) return failForMemory();
    setDraft(TYPE_HASH, ENCODING_LISTPACK, lp);
    return true;
  }
  return beginTable(count);
}

function beginTable(count: u64): bool {
  const hash = hashtableNew();
  if (!hash) return failForMemory();
  tableReserve(fieldsOf(hash), reservable(count));
  setDraft(TYPE_HASH, ENCODING_HASHTABLE, hash);
  return true;
}

/** Reads what stands before the count of a hash of type 24. */
export function readFirstDue(): void {
  firstDue = readMilliseconds();
}

/** Reads one field and its value. */
export function readPair(): bool {
  return readPairDue(0);
}

/** The same with a due time before them. */
export function readDatedPair(): bool {
  const after = readLength();
  if (trouble) return false;
  const dueMs = after ? firstDue + f64(after) - 1 : 0;
  if (after && !isFieldDue(dueMs)) return fail(FAULT_FIELD_DUE);
  return readPairDue(dueMs);
}

function isFieldDue(dueMs: f64): bool {
  return dueMs > 0 && dueMs <= DUE_MAX;
}

function readPairDue(dueMs: f64): bool {
  if (!readString(NAME)) return false;
  const namePtr = stringPtr;
  const nameBytes = stringBytes;
  if (!readString(VALUE)) return false;
  if (isListpack(draft)) {
    if (dueMs == 0 && suitsListpack(nameBytes, stringBytes)) {
      return append(namePtr, nameBytes, stringPtr, stringBytes);
    }
    if (!toTable()) return false;
  }
  return put(namePtr, nameBytes, stringPtr, stringBytes, dueMs);
}

function suitsListpack(nameBytes: u32, valueBytes: u32): bool {
  return max(nameBytes, valueBytes) <= hashMaxListpackValue &&
    u64(listpackBytes(entryValue(draft))) + nameBytes + valueBytes <
      LISTPACK_BYTES_MAX - 64;
}

function append(
  namePtr: u32,
  nameBytes: u32,
  valuePtr: u32,
  valueBytes: u32,
): bool {
  const named = listpackAppend(entryValue(draft), namePtr, nameBytes);
  if (!named) return failForMemory();
  setDraft(TYPE_HASH, ENCODING_LISTPACK, named);
  const whole = listpackAppend(named, valuePtr, valueBytes);
  if (!whole) return failForMemory();
  setDraft(TYPE_HASH, ENCODING_LISTPACK, whole);
  return true;
}

function put(
  namePtr: u32,
  nameBytes: u32,
  valuePtr: u32,
  valueBytes: u32,
  dueMs: f64,
): bool {
  const hash = entryValue(draft);
  if (hashtableFind(hash, namePtr, nameBytes)) {
    return fail(FAULT_DUPLICATE_ELEMENT);
  }
  const code = hashtablePut(
    hash,
    0,
    namePtr,
    nameBytes,
    valuePtr,
    valueBytes,
    dueMs,
  );
  return code == 0 || failForMemory();
}

/** The draft, a listpack of pairs, becomes a table. */
function toTable(): bool {
  const lp = entryValue(draft);
  const count = listpackCount(lp);
  if (!isUnique(lp, count, 2)) return fail(FAULT_DUPLICATE_ELEMENT);
  return becomeTable(draft) || failForMemory();
}

/** All pairs of a hash of type 4 or 24 have been read. */
export function endHash(): bool {
  const lp = entryValue(draft);
  if (!isListpack(draft) || isUnique(lp, listpackCount(lp), 2)) return true;
  return fail(FAULT_DUPLICATE_ELEMENT);
}

/** A hash of type 9. */
export function readZipmap(): bool {
  if (!readString(VALUE)) return false;
  const lp = fromZipmap(stringPtr, stringBytes);
  return keepListpack(lp, oldCount, oldLongest);
}

/** A hash of type 13. */
export function readHashZiplist(): bool {
  if (!readString(VALUE)) return false;
  const lp = fromZiplist(stringPtr, stringBytes);
  return keepListpack(lp, oldCount, 0);
}

/** A hash of type 16. */
export function readHashListpack(): bool {
  if (!readString(VALUE)) return false;
  const lp = takeListpack(stringPtr, stringBytes);
  return keepListpack(lp, blobCount, 0);
}

/** A listpack of pairs becomes the draft if it is sound. */
function keepListpack(lp: u32, count: u32, longest: u32): bool {
  if (!lp) return false;
  setDraft(TYPE_HASH, ENCODING_LISTPACK, lp);
  if (count & 1) return fail(FAULT_PAIRS);
  if (
    count >> 1 > hashMaxListpackEntries || longest > hashMaxListpackValue
  ) return toTable();
  return isUnique(lp, count, 2) || fail(FAULT_DUPLICATE_ELEMENT);
}

/** A hash of type 25. */
export function readDatedListpack(): bool {
  readFirstDue();
  if (!readString(VALUE)) return false;
  const lp = takeListpack(stringPtr, stringBytes);
  if (!lp) return false;
  const isDone = blobCount % 3 == 0 ? putTriples(lp) : fail(FAULT_PAIRS);
  free(lp);
  return isDone;
}

function putTriples(lp: u32): bool {
  if (!beginHash(listpackCount(lp) / 3)) return false;
  for (let name = listpackFirst(lp); name;) {
    const value = listpackNext(lp, name);
    const due = listpackNext(lp, value);
    readElement(due);
    if (!readIsInteger) return fail(FAULT_FIELD_DUE);
    const dueMs = f64(readInteger);
    if (dueMs != 0 && !isFieldDue(dueMs)) return fail(FAULT_FIELD_DUE);
    if (!putTriple(name, value, dueMs)) return false;
    name = listpackNext(lp, due);
  }
  return endHash();
}

function putTriple(name: u32, value: u32, dueMs: f64): bool {
  viewElementBeside(name, nameDigits);
  const namePtr = readPtr;
  const nameBytes = readBytes;
  viewElementBeside(value, valueDigits);
  const valuePtr = readPtr;
  const valueBytes = readBytes;
  if (isListpack(draft)) {
    if (dueMs == 0) return append(namePtr, nameBytes, valuePtr, valueBytes);
    if (!toTable()) return false;
  }
  return put(namePtr, nameBytes, valuePtr, valueBytes, dueMs);
}
