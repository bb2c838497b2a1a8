// Entries in the format of RDB files (rdb_codes.ts), as Redis 7.0 reads them:
// the parts of which record.ts makes a record.
//
//   string       the string
//   list         count of nodes; each: plain or packed, then the element or
//                the listpack as a string
//   listpack     the block as a string; of a set: as a hash table
//   intset       the block as a string
//   hash table   count; each name, with its value if it is a hash
//   skiplist     count; each member and its score
//
// Only a hash that has fields with due times needs a newer version than 10.

import { counterOf, secondsSince } from "./access";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
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
import { fieldScore, fieldValueBytes, fieldValuePtr } from "./field";
import {
  isCompressed,
  isPlain,
  nodeBlock,
  nodeBytes,
  nodeLzfBytes,
  nodeLzfPtr,
  plainPtr,
} from "./quicklist_node";
import {
  RDB_DUE_MS,
  RDB_FREQUENCY,
  RDB_HASH,
  RDB_HASH_LISTPACK,
  RDB_HASH_METADATA,
  RDB_IDLE,
  RDB_LIST_QUICKLIST_2,
  RDB_NODE_PACKED,
  RDB_NODE_PLAIN,
  RDB_SET,
  RDB_SET_INTSET,
  RDB_STRING,
  RDB_ZSET_2,
  RDB_ZSET_LISTPACK,
  USE_FREQUENCY,
  USE_IDLE,
  USE_UNKNOWN,
} from "./rdb_codes";
import { rdbDouble, rdbLength, rdbLzf, rdbString } from "./rdb_write";
import { stateFirstDue } from "./record_state";
import { put64, put8 } from "./sink";

let use: u32 = USE_UNKNOWN;

/** USE_IDLE or USE_FREQUENCY: records say how a key was used. */
export function setRecordUse(what: u32): void {
  use = what;
}

/** What stands before the value of a key. */
export function rdbBegin(
  name: u32,
  nameBytes: u32,
  dueMs: f64,
  access: u32,
  type: u32,
): void {
  if (dueMs >= 0) {
    put8(RDB_DUE_MS);
    put64(u64(dueMs));
  }
  if (use == USE_IDLE) {
    put8(RDB_IDLE);
    rdbLength(secondsSince(access));
  } else if (use == USE_FREQUENCY) {
    put8(RDB_FREQUENCY);
    put8(counterOf(access));
  }
  put8(type);
  rdbString(name, nameBytes);
}

/** The type of entry in which a kind of value is written. */
export function rdbType(kind: u32, withFieldDue: bool): u32 {
  const encoding = kind & 15;
  switch (kind >> 4) {
    case TYPE_STRING:
      return RDB_STRING;
    case TYPE_LIST:
      return RDB_LIST_QUICKLIST_2;
    case TYPE_SET:
      return encoding == ENCODING_INTSET ? RDB_SET_INTSET : RDB_SET;
    case TYPE_ZSET:
      return encoding == ENCODING_LISTPACK ? RDB_ZSET_LISTPACK : RDB_ZSET_2;
    default:
      assert(kind >> 4 == TYPE_HASH);
      if (encoding == ENCODING_LISTPACK) return RDB_HASH_LISTPACK;
      assert(encoding == ENCODING_HASHTABLE);
      return withFieldDue ? RDB_HASH_METADATA : RDB_HASH;
  }
}

/** Whether a count of elements (or nodes) stands before those of a kind. */
export function rdbHasCount(kind: u32): bool {
  const type = kind >> 4;
  const encoding = kind & 15;
  if (type == TYPE_STRING || encoding == ENCODING_INTSET) return false;
  return encoding != ENCODING_LISTPACK || type == TYPE_SET || type == TYPE_LIST;
}

export function rdbMember(member: u32): void {
  rdbString(keyPtr(member), keyBytes(member));
}

export function rdbField(field: u32): void {
  const firstDue = stateFirstDue();
  if (firstDue != Infinity) {
    rdbLength(hasDue(field) ? u64(entryDue(field) - firstDue) + 1 : 0);
  }
  rdbString(keyPtr(field), keyBytes(field));
  rdbString(fieldValuePtr(field), fieldValueBytes(field));
}

export function rdbScored(member: u32): void {
  rdbString(keyPtr(member), keyBytes(member));
  rdbDouble(fieldScore(member));
}

/** A node of a list; a compressed one goes as it is. */
export function rdbNode(node: u32): void {
  put8(isPlain(node) ? RDB_NODE_PLAIN : RDB_NODE_PACKED);
  const byteCount = nodeBytes(node);
  const block = nodeBlock(node);
  if (isCompressed(node)) {
    rdbLzf(nodeLzfPtr(block), nodeLzfBytes(block), byteCount);
  } else rdbString(isPlain(node) ? plainPtr(block) : block, byteCount);
}
