// What the look-ahead (run.ts) needs to know of collections: where the member
// lies that a command names. Only those with a table are worth it; in the small
// forms a member is near the others.

import {
  ENCODING_HASHTABLE,
  ENCODING_SKIPLIST,
  entryKind,
  entryValue,
  TYPE_HASH,
  TYPE_SET,
  TYPE_ZSET,
} from "./entry";
import { fieldsOf } from "./hashtable";
import { HOT_HGET, HOT_HSET, HOT_SADD, HOT_ZADD } from "./hot_codes";
import { tableOf } from "./set_table";
import { membersOf } from "./zset_large";

const SET: u32 = TYPE_SET << 4 | ENCODING_HASHTABLE;
const HASH: u32 = TYPE_HASH << 4 | ENCODING_HASHTABLE;
const SORTED_SET: u32 = TYPE_ZSET << 4 | ENCODING_SKIPLIST;

/** The argument of a hot operation that names a member, 0 for none. */
// @ts-ignore: decorator
@inline
export function memberArgument(operation: u32): u32 {
  switch (operation) {
    case HOT_SADD:
    case HOT_HGET:
    case HOT_HSET:
      return 2;
    case HOT_ZADD:
      return 3;
    default:
      return 0;
  }
}

/** The table in which an operation will look for its member, 0 for none. */
// @ts-ignore: decorator
@inline
export function memberTable(entry: u32, operation: u32): u32 {
  if (!memberArgument(operation)) return 0;
  switch (entryKind(entry)) {
    case SET:
      return tableOf(entryValue(entry));
    case HASH:
      return fieldsOf(entryValue(entry));
    case SORTED_SET:
      return membersOf(entryValue(entry));
    default:
      return 0;
  }
}
