// Sorted sets from RDB: member by member with scores as text (3) or as binary
// doubles (5), or in one piece: ziplist (12), listpack (17).

import { ENCODING_LISTPACK, ENCODING_SKIPLIST, TYPE_ZSET } from "./entry";
import { parseDouble } from "./double";
import { zsetMaxListpackEntries } from "./limits";
import {
  listpackFirst,
  listpackNext,
  readBytes,
  readElement,
  readIsInteger,
  readPtr,
} from "./listpack";
import { listpackNew } from "./listpack_edit";
import { draft, setDraft } from "./rdb_draft";
import {
  FAULT_DUPLICATE_ELEMENT,
  FAULT_ORDER,
  FAULT_PAIRS,
  FAULT_SCORE,
} from "./rdb_faults";
import {
  readBinaryDouble,
  readString,
  readTextDouble,
  reservable,
  stringBytes,
  stringPtr,
  VALUE,
} from "./rdb_read";
import { blobCount, isUnique, takeListpack } from "./rdb_read_blob";
import { fromZiplist, oldCount } from "./rdb_read_old";
import { fail, failForMemory, trouble } from "./source";
import { tableReserve } from "./table_resize";
import { membersOf, newLarge } from "./zset_large";
import { verifySmall } from "./zset_listpack";
import { zsetEnlarge, zsetFind, zsetInsert } from "./zset_value";

/** Begins a sorted set of so many members in the draft. */
export function beginZset(count: u64): bool {
  const isSmall = count <= u64(zsetMaxListpackEntries);
  const value = isSmall ? listpackNew() : newLarge();
  if (!value) return failForMemory();
  if (!isSmall) tableReserve(membersOf(value), reservable(count));
  setDraft(TYPE_ZSET, isSmall ? ENCODING_LISTPACK : ENCODING_SKIPLIST, value);
  return true;
}

/** Reads one member and its score. */
export function readScored(isBinary: bool): bool {
  if (!readString(VALUE)) return false;
  const score = isBinary ? readBinaryDouble() : readTextDouble();
  if (trouble) return false;
  if (isNaN(score)) return fail(FAULT_SCORE);
  if (zsetFind(draft, stringPtr, stringBytes)) {
    return fail(FAULT_DUPLICATE_ELEMENT);
  }
  return zsetInsert(draft, score, stringPtr, stringBytes) == 0 ||
    failForMemory();
}

/** A sorted set of type 12. */
export function readZsetZiplist(): bool {
  if (!readString(VALUE)) return false;
  const lp = fromZiplist(stringPtr, stringBytes);
  return keepListpack(lp, oldCount);
}

/** A sorted set of type 17. */
export function readZsetListpack(): bool {
  if (!readString(VALUE)) return false;
  const lp = takeListpack(stringPtr, stringBytes);
  return keepListpack(lp, blobCount);
}

/** A listpack of members and scores becomes the draft if it is sound. */
function keepListpack(lp: u32, count: u32): bool {
  if (!lp) return false;
  setDraft(TYPE_ZSET, ENCODING_LISTPACK, lp);
  if (count & 1) return fail(FAULT_PAIRS);
  if (!hasScores(lp)) return fail(FAULT_SCORE);
  if (!isUnique(lp, count, 2)) return fail(FAULT_DUPLICATE_ELEMENT);
  if (verifySmall(lp)) return fail(FAULT_ORDER);
  if (count >> 1 <= zsetMaxListpackEntries) return true;
  return zsetEnlarge(draft) == 0 || failForMemory();
}

/** Whether every second element is a number. */
function hasScores(lp: u32): bool {
  for (let member = listpackFirst(lp); member;) {
    const score = listpackNext(lp, member);
    readElement(score);
    if (!readIsInteger && !parseDouble(readPtr, readBytes)) return false;
    member = listpackNext(lp, score);
  }
  return true;
}
