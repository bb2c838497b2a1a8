// Records: a key with its value, due time and use, put into the selected sink
// for an RDB file, or as commands that make it anew. One face for both:
//
//     recordEntry(entry);                          all at once
//
//     recordBegin(...);                            bit by bit
//     recordMember(member); ...                    as often as was announced
//     recordEnd();
//
// Both ways may be mixed when whoever goes bit by bit has a state of his own
// (record_state.ts): all at once the common one is used.
// Without memory the sink fails.
//
// Entries are recorded in the middle of other operations, when those are about
// to change them. So nothing that those keep between two calls is disturbed:
// no found place, no view, no number that was read.

import { commandLongEnd } from "./command_text";
import { tableOfElements } from "./elements";
import {
  embeddedPtr,
  ENCODING_HASHTABLE,
  ENCODING_INT,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  ENCODING_SKIPLIST,
  entryAccess,
  entryDue,
  entryEncoding,
  entryKind,
  entryType,
  entryValue,
  hasDue,
  isFollowed,
  keyBytes,
  keyPtr,
  stringBytes,
  stringPtr,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_STRING,
  TYPE_ZSET,
} from "./entry";
import { hashtableFirstDue } from "./hashtable";
import { intsetCount } from "./intset";
import { listpackCount } from "./listpack";
import { formatInteger, INTEGER_MAX_BYTES } from "./number";
import { quicklistHead, quicklistNodeCount } from "./quicklist";
import { nextNode } from "./quicklist_node";
import { leafMember, leafNext, nodeCount, rankingFirst } from "./ranking";
import { RDB_STRING, RECORD_RDB } from "./rdb_codes";
import { rdbSelect } from "./rdb_file";
import { rdbInteger, rdbLength, rdbString } from "./rdb_write";
import { commandsBlock, commandsNode, rdbBlock } from "./record_block";
import {
  commandsEnd,
  commandsField,
  commandsLongString,
  commandsMember,
  commandsScored,
  commandsSelect,
  commandsString,
} from "./record_commands";
import {
  rdbBegin,
  rdbField,
  rdbHasCount,
  rdbMember,
  rdbNode,
  rdbScored,
  rdbType,
} from "./record_rdb";
import { beginState, selectRecord } from "./record_state";
import { put64, put8 } from "./sink";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableChain,
  tableEntryCount,
} from "./table_chains";
import { largeCount, rankingOf } from "./zset_large";

const NO_DUE: f64 = -1;

let format: u32 = RECORD_RDB;
const integerText: u32 = u32(memory.data(INTEGER_MAX_BYTES));

/** RECORD_RDB or RECORD_COMMANDS, for whatever is recorded next. */
export function setRecordFormat(wanted: u32): void {
  format = wanted;
}

/** The database of the entries that follow, and how many of them come. */
export function recordSelect(
  index: u32,
  keyCount: u32,
  dueCount: u32,
): void {
  if (format == RECORD_RDB) rdbSelect(index, keyCount, dueCount);
  else commandsSelect(index);
}

// Bit by bit.

/**
 * Begins the record of a key: `dueMs` is negative for none, `kind` is type << 4
 * | encoding, `count` that of nodes for a quicklist, of elements for every other
 * collection. `withFieldDue` announces fields with due times, the earliest of
 * which is `firstDue`.
 */
export function recordBegin(
  name: u32,
  nameBytes: u32,
  dueMs: f64,
  access: u32,
  kind: u32,
  count: u32,
  withFieldDue: bool,
  firstDue: f64,
): void {
  const due = withFieldDue ? firstDue : Infinity;
  beginState(name, nameBytes, dueMs, kind, count, due);
  if (format != RECORD_RDB) return;
  rdbBegin(name, nameBytes, dueMs, access, rdbType(kind, withFieldDue));
  beginValue(kind, count, due);
}

/** What stands between key and elements in an RDB file. */
function beginValue(kind: u32, count: u32, firstDue: f64): void {
  if (firstDue != Infinity) put64(u64(firstDue));
  if (rdbHasCount(kind)) rdbLength(count);
}

/** The bytes of a string. */
function recordString(ptr: u32, byteCount: u32): void {
  if (format == RECORD_RDB) rdbString(ptr, byteCount);
  else commandsString(ptr, byteCount);
}

/**
 * A string that is too long for one go: its bytes are put into the sink as they
 * are, and then `recordLongEnd`.
 */
export function recordLongString(byteCount: u32): void {
  if (format == RECORD_RDB) rdbLength(byteCount);
  else commandsLongString(byteCount);
}

export function recordLongEnd(): void {
  if (format != RECORD_RDB) commandLongEnd();
}

/** A node of a quicklist, in whatever form. */
export function recordNode(node: u32): void {
  if (format == RECORD_RDB) rdbNode(node);
  else commandsNode(node);
}

/** A member of a set. */
// @ts-ignore: decorator
@inline
export function recordMember(member: u32): void {
  if (format == RECORD_RDB) rdbMember(member);
  else commandsMember(member);
}

/** A field of a hash. */
// @ts-ignore: decorator
@inline
export function recordField(field: u32): void {
  if (format == RECORD_RDB) rdbField(field);
  else commandsField(field);
}

/** A member of a sorted set. */
// @ts-ignore: decorator
@inline
export function recordScored(member: u32): void {
  if (format == RECORD_RDB) rdbScored(member);
  else commandsScored(member);
}

export function recordEnd(): void {
  if (format != RECORD_RDB) commandsEnd();
}

// All at once.

/** Records a key with its whole value. */
export function recordEntry(entry: u32): void {
  if (format == RECORD_RDB && entryType(entry) == TYPE_STRING) {
    const due = hasDue(entry) ? entryDue(entry) : NO_DUE;
    const access = entryAccess(entry);
    rdbBegin(keyPtr(entry), keyBytes(entry), due, access, RDB_STRING);
    recordValue(entry);
    return;
  }
  const before = selectRecord(0);
  beginEntry(entry);
  recordValue(entry);
  recordEnd();
  selectRecord(before);
}

/**
 * Puts type and value of a key as in an RDB file, without the key; returns
 * whether a field has a due time.
 */
export function recordValueOnly(entry: u32): bool {
  const wanted = format;
  format = RECORD_RDB;
  const kind = entryKind(entry);
  const withFieldDue = isFollowed(entry);
  const firstDue = withFieldDue
    ? hashtableFirstDue(entryValue(entry))
    : Infinity;
  const count = recordCount(entry);
  const before = selectRecord(0);
  beginState(0, 0, NO_DUE, kind, count, firstDue);
  put8(rdbType(kind, withFieldDue));
  beginValue(kind, count, firstDue);
  recordValue(entry);
  selectRecord(before);
  format = wanted;
  return withFieldDue;
}

/** Begins the record of an entry as it is. */
function beginEntry(entry: u32): void {
  const withFieldDue = isFollowed(entry);
  recordBegin(
    keyPtr(entry),
    keyBytes(entry),
    hasDue(entry) ? entryDue(entry) : NO_DUE,
    entryAccess(entry),
    entryKind(entry),
    recordCount(entry),
    withFieldDue,
    withFieldDue ? hashtableFirstDue(entryValue(entry)) : Infinity,
  );
}

/** The count for `recordBegin`. */
function recordCount(entry: u32): u32 {
  const type = entryType(entry);
  if (type == TYPE_STRING) return 1;
  const value = entryValue(entry);
  switch (entryEncoding(entry)) {
    case ENCODING_LISTPACK: {
      // To an RDB file a short list is a quicklist of one node.
      if (type == TYPE_LIST && format == RECORD_RDB) return 1;
      const isPair = type == TYPE_HASH || type == TYPE_ZSET;
      return listpackCount(value) >> u32(isPair);
    }
    case ENCODING_INTSET:
      return intsetCount(value);
    case ENCODING_QUICKLIST:
      return quicklistNodeCount(value);
    case ENCODING_SKIPLIST:
      return largeCount(value);
    default:
      return tableEntryCount(tableOfElements(entry));
  }
}

/** Puts what stands between a key and the record's end. */
function recordValue(entry: u32): void {
  if (entryType(entry) == TYPE_STRING) {
    recordText(entry);
    return;
  }
  const value = entryValue(entry);
  switch (entryEncoding(entry)) {
    case ENCODING_QUICKLIST: {
      let node = quicklistHead(value);
      for (; node; node = nextNode(node)) recordNode(node);
      break;
    }
    case ENCODING_HASHTABLE:
      recordTable(entryType(entry), tableOfElements(entry));
      break;
    case ENCODING_SKIPLIST:
      recordRanking(rankingOf(value));
      break;
    default:
      if (format == RECORD_RDB) rdbBlock(entryKind(entry), value);
      else commandsBlock(entryKind(entry), value);
  }
}

function recordText(entry: u32): void {
  if (entryEncoding(entry) != ENCODING_INT) {
    recordString(stringPtr(entry), stringBytes(entry));
    return;
  }
  const value = load<i64>(embeddedPtr(entry));
  if (format == RECORD_RDB) rdbInteger(value);
  else commandsString(integerText, formatInteger(integerText, value));
}

function recordTable(type: u32, table: u32): void {
  const isHash = type == TYPE_HASH;
  const bucketCount = tableBucketCount(table);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(table, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      const count = bucketEntryCount(bucket);
      for (let place: u32 = 0; place < count; place++) {
        const element = bucketEntry(bucket, place);
        if (isHash) recordField(element);
        else recordMember(element);
      }
    }
  }
}

/** In order: whoever reads it can append. */
function recordRanking(ranking: u32): void {
  for (let leaf = rankingFirst(ranking); leaf; leaf = leafNext(leaf)) {
    const count = nodeCount(leaf);
    for (let i: u32 = 0; i < count; i++) recordScored(leafMember(leaf, i));
  }
}
