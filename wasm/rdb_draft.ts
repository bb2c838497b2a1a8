// The draft: a value that is being read and that no key has yet. It looks like
// an entry without a key, so that what is done to a key's value can be done to
// it. There is one draft.

import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  entryEncoding,
  entryFlags,
  entryKind,
  entryType,
  entryValue,
  FOLLOWED,
  newEntry,
  setEntryKind,
  setEntryValue,
  setFlags,
  TYPE_HASH,
  TYPE_SET,
  TYPE_STRING,
  TYPE_ZSET,
} from "./entry";
import { hashtableCount, hashtableFirstDue } from "./hashtable";
import { intsetCount } from "./intset";
import { listpackCount } from "./listpack";
import { quicklistCount } from "./quicklist";
import { setTableCount } from "./set_table";
import { freeValue } from "./value";
import { largeCount } from "./zset_large";

export const draft: u32 = u32(memory.data(16, 8));

export function setDraft(type: u32, encoding: u32, value: u32): void {
  setEntryKind(draft, type, encoding);
  setEntryValue(draft, value);
}

/** Frees what the draft holds, if it holds anything. */
export function dropDraft(): void {
  if (!entryValue(draft)) return;
  freeValue(draft);
  setEntryValue(draft, 0);
}

/** How many elements the draft has; a string has one. */
export function draftCount(): u32 {
  const value = entryValue(draft);
  const type = entryType(draft);
  const encoding = entryEncoding(draft);
  if (type == TYPE_STRING) return 1;
  if (encoding == ENCODING_QUICKLIST) return quicklistCount(value);
  if (encoding == ENCODING_INTSET) return intsetCount(value);
  if (encoding == ENCODING_HASHTABLE) {
    return type == TYPE_SET ? setTableCount(value) : hashtableCount(value);
  }
  if (type != TYPE_ZSET && type != TYPE_HASH) return listpackCount(value);
  return encoding == ENCODING_LISTPACK
    ? listpackCount(value) >> 1
    : largeCount(value);
}

/**
 * An entry with the draft's value, in no table yet; the draft is empty then. 0
 * without memory, and the draft is as it was.
 */
export function draftEntry(keyFrom: u32, keyBytes: u32, due: bool): u32 {
  const entry = newEntry(keyFrom, keyBytes, due, 0);
  if (!entry) return 0;
  const value = entryValue(draft);
  store<u8>(entry, entryKind(draft));
  setEntryValue(entry, value);
  const isTable = entryType(draft) == TYPE_HASH &&
    entryEncoding(draft) == ENCODING_HASHTABLE;
  if (isTable && hashtableFirstDue(value) != Infinity) {
    setFlags(entry, entryFlags(entry) | FOLLOWED);
  }
  setEntryValue(draft, 0);
  return entry;
}
