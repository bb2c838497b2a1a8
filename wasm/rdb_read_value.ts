// A value of any type from RDB: a small one or one in a single piece at once,
// a collection of many elements part by part, so that loading goes on in slices
// and no window has to hold it.
//
//     beginValue(type)   WHOLE, or PARTS: then
//     readPart()         as often as `partsLeft` says, each after `markHere`
//     endValue()         false with trouble
//
// or `dropDraft` after trouble that bytes cannot mend. A string that is WHOLE
// is what `readString` has left; every other value is in the draft.

import {
  RDB_HASH,
  RDB_HASH_LISTPACK,
  RDB_HASH_LISTPACK_EX,
  RDB_HASH_LISTPACK_EX_PRE_GA,
  RDB_HASH_METADATA,
  RDB_HASH_METADATA_PRE_GA,
  RDB_HASH_ZIPLIST,
  RDB_HASH_ZIPMAP,
  RDB_LIST,
  RDB_LIST_QUICKLIST,
  RDB_LIST_QUICKLIST_2,
  RDB_LIST_ZIPLIST,
  RDB_MODULE_2,
  RDB_MODULE_PRE_GA,
  RDB_SET,
  RDB_SET_INTSET,
  RDB_SET_LISTPACK,
  RDB_STREAM_LISTPACKS,
  RDB_STREAM_LISTPACKS_2,
  RDB_STREAM_LISTPACKS_3,
  RDB_STRING,
  RDB_ZSET,
  RDB_ZSET_2,
  RDB_ZSET_LISTPACK,
  RDB_ZSET_ZIPLIST,
} from "./rdb_codes";
import {
  FAULT_MODULE,
  FAULT_PRE_RELEASE,
  FAULT_STREAM,
  FAULT_TYPE,
} from "./rdb_faults";
import { readCount } from "./rdb_read";
import {
  beginHash,
  endHash,
  readDatedListpack,
  readDatedPair,
  readFirstDue,
  readHashListpack,
  readHashZiplist,
  readPair,
  readZipmap,
} from "./rdb_read_hash";
import {
  beginList,
  endList,
  readListElement,
  readListNode,
  readZiplistList,
  readZiplistNode,
} from "./rdb_read_list";
import {
  beginSet,
  readIntset,
  readSetListpack,
  readSetMember,
} from "./rdb_read_set";
import { beginString, bodyMissing, readBody } from "./rdb_read_string";
import {
  beginZset,
  readScored,
  readZsetListpack,
  readZsetZiplist,
} from "./rdb_read_zset";
import { failBack, trouble } from "./source";

/** What `beginValue` comes to; 0 is trouble. */
export const WHOLE: i32 = 1;
export const PARTS: i32 = 2;

/** How many parts are yet to be read. */
export let partsLeft: u64 = 0;
let partsType: u32 = 0;

/** Begins a value of a type whose byte has just been taken, behind its key. */
export function beginValue(type: u32): i32 {
  partsType = type;
  partsLeft = 0;
  if (isInParts(type)) return beginParts(type) ? PARTS : 0;
  if (type == RDB_STRING) {
    if (!beginString()) return 0;
    partsLeft = bodyMissing ? 1 : 0;
    return bodyMissing ? PARTS : WHOLE;
  }
  return readWhole(type) ? WHOLE : 0;
}

function isInParts(type: u32): bool {
  return type - 1 < u32(RDB_ZSET_2) ||
    type == RDB_LIST_QUICKLIST || type == RDB_LIST_QUICKLIST_2 ||
    type == RDB_HASH_METADATA;
}

function beginParts(type: u32): bool {
  if (type == RDB_HASH_METADATA) readFirstDue();
  // The least bytes of a part: one a string, eight or one a score.
  const count = readCount(
    type == RDB_ZSET_2 ? 9 : type == RDB_LIST || type == RDB_SET ? 1 : 2,
  );
  if (trouble) return false;
  partsLeft = count;
  if (type == RDB_SET) return beginSet(count);
  if (type == RDB_ZSET || type == RDB_ZSET_2) return beginZset(count);
  if (type == RDB_HASH || type == RDB_HASH_METADATA) return beginHash(count);
  return beginList();
}

function readWhole(type: u32): bool {
  switch (type) {
    case RDB_HASH_ZIPMAP:
      return readZipmap();
    case RDB_LIST_ZIPLIST:
      return readZiplistList() && endWholeList();
    case RDB_SET_INTSET:
      return readIntset();
    case RDB_ZSET_ZIPLIST:
      return readZsetZiplist();
    case RDB_HASH_ZIPLIST:
      return readHashZiplist();
    case RDB_HASH_LISTPACK:
      return readHashListpack();
    case RDB_ZSET_LISTPACK:
      return readZsetListpack();
    case RDB_SET_LISTPACK:
      return readSetListpack();
    case RDB_HASH_LISTPACK_EX:
      return readDatedListpack();
    default:
      return failBack(faultOf(type), 1);
  }
}

function endWholeList(): bool {
  endList();
  return true;
}

/** What is wrong with a type that cannot be read. */
function faultOf(type: u32): i32 {
  if (
    type == RDB_STREAM_LISTPACKS || type == RDB_STREAM_LISTPACKS_2 ||
    type == RDB_STREAM_LISTPACKS_3
  ) return FAULT_STREAM;
  if (type == RDB_MODULE_2 || type == RDB_MODULE_PRE_GA) return FAULT_MODULE;
  if (
    type == RDB_HASH_METADATA_PRE_GA || type == RDB_HASH_LISTPACK_EX_PRE_GA
  ) return FAULT_PRE_RELEASE;
  return FAULT_TYPE;
}

/** Reads one more part. */
export function readPart(): bool {
  if (partsType == RDB_STRING) {
    if (!readBody()) return false;
    if (!bodyMissing) partsLeft = 0;
    return true;
  }
  if (!readElementPart()) return false;
  partsLeft--;
  return true;
}

// @ts-ignore: decorator
@inline
function readElementPart(): bool {
  switch (partsType) {
    case RDB_SET:
      return readSetMember();
    case RDB_HASH:
      return readPair();
    case RDB_ZSET_2:
      return readScored(true);
    case RDB_LIST_QUICKLIST_2:
      return readListNode();
    case RDB_LIST:
      return readListElement();
    case RDB_ZSET:
      return readScored(false);
    case RDB_LIST_QUICKLIST:
      return readZiplistNode();
    default:
      return readDatedPair();
  }
}

/** All parts have been read. */
export function endValue(): bool {
  if (partsType == RDB_HASH || partsType == RDB_HASH_METADATA) {
    return endHash();
  }
  if (
    partsType == RDB_LIST || partsType == RDB_LIST_QUICKLIST ||
    partsType == RDB_LIST_QUICKLIST_2
  ) endList();
  return true;
}
