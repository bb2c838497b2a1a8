// Walking through the elements of any value, in whatever form it is, for those
// who look at data as a whole:
//
//     elementsBegin(entry);
//     while (elementsNext()) {
//       // elementPtr, elementBytes: an element of a list, a member of a set
//       // or a sorted set, a field of a hash
//       secondBegin();
//       // elementPtr, elementBytes: a field's value; elementScore: a score
//     }
//
// One walk at a time, and nothing may change meanwhile. Lists come in their
// order, everything else in an order that means nothing. A compressed node of a
// list has to be expanded for it: without memory the walk ends there, and
// `elementsCode` says so.

import { OUT_OF_MEMORY } from "./codes";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  ENCODING_SKIPLIST,
  entryEncoding,
  entryType,
  entryValue,
  keyBytes,
  keyPtr,
  TYPE_HASH,
  TYPE_ZSET,
} from "./entry";
import { fieldScore, fieldValueBytes, fieldValuePtr } from "./field";
import { fieldsOf } from "./hashtable";
import { intsetAt, intsetCount } from "./intset";
import {
  listpackFirst,
  listpackNext,
  readBytes,
  readPtr,
  viewElement,
} from "./listpack";
import { formatInteger, INTEGER_MAX_BYTES } from "./number";
import { quicklistHead } from "./quicklist";
import {
  closeNode,
  isPlain,
  nextNode,
  nodeBytes,
  openNode,
  plainPtr,
} from "./quicklist_node";
import { tableOf } from "./set_table";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableChain,
} from "./table_chains";
import { membersOf } from "./zset_large";
import { smallScore } from "./zset_listpack";

export let elementPtr: u32 = 0;
export let elementBytes: u32 = 0;
export let elementScore: f64 = 0;
/** 0, or OUT_OF_MEMORY when the last walk ended too early. */
export let elementsCode: i32 = 0;

let type: u32 = 0;
let encoding: u32 = 0;
let value: u32 = 0;
/** The node of a list that comes next. */
let node: u32 = 0;
/** The listpack that is walked through, and the element next in it. */
let listpack: u32 = 0;
let at: u32 = 0;
/** The element that was reached last: in a listpack, or its block. */
let reached: u32 = 0;
/** The table that is walked through, its next chain, and what is left of it. */
let table: u32 = 0;
let index: u32 = 0;
let bucket: u32 = 0;
let place: u32 = 0;
const integerText: u32 = u32(memory.data(24));

/** Begins before the first element of a key's value, which is no string. */
export function elementsBegin(entry: u32): void {
  type = entryType(entry);
  encoding = entryEncoding(entry);
  value = entryValue(entry);
  elementsCode = 0;
  index = 0;
  bucket = 0;
  at = 0;
  if (encoding == ENCODING_LISTPACK) {
    listpack = value;
    at = listpackFirst(listpack);
  } else if (encoding == ENCODING_QUICKLIST) node = quicklistHead(value);
  else if (encoding != ENCODING_INTSET) table = tableOfElements(entry);
}

/** The table in which a collection keeps its elements; 0 when it has none. */
export function tableOfElements(entry: u32): u32 {
  const block = entryValue(entry);
  if (entryEncoding(entry) == ENCODING_SKIPLIST) return membersOf(block);
  if (entryEncoding(entry) != ENCODING_HASHTABLE) return 0;
  return entryType(entry) == TYPE_HASH ? fieldsOf(block) : tableOf(block);
}

/** Goes to the next element; false at the end. */
export function elementsNext(): bool {
  if (encoding == ENCODING_INTSET) return nextInIntset();
  if (encoding == ENCODING_QUICKLIST) return nextInQuicklist();
  return encoding == ENCODING_LISTPACK ? nextInListpack() : nextInTable();
}

/** Goes from a name to what belongs to it: a score, or a field's value. */
export function secondBegin(): void {
  const isSmall = encoding == ENCODING_LISTPACK;
  if (type == TYPE_ZSET) {
    elementScore = isSmall ? smallScore(value, reached) : fieldScore(reached);
  } else if (type == TYPE_HASH) {
    if (isSmall) view(listpackNext(listpack, reached));
    else {
      elementPtr = fieldValuePtr(reached);
      elementBytes = fieldValueBytes(reached);
    }
  }
}

function view(element: u32): void {
  viewElement(element);
  elementPtr = readPtr;
  elementBytes = readBytes;
}

function nextInListpack(): bool {
  if (!at) return false;
  reached = at;
  view(at);
  at = listpackNext(listpack, at);
  const isPair = type == TYPE_ZSET || type == TYPE_HASH;
  if (isPair) at = listpackNext(listpack, at);
  return true;
}

function nextInQuicklist(): bool {
  if (nextInListpack()) return true;
  closeNode();
  if (!node) return false;
  const here = node;
  const block = openNode(here);
  if (!block) {
    elementsCode = OUT_OF_MEMORY;
    return false;
  }
  node = nextNode(here);
  if (isPlain(here)) {
    elementPtr = plainPtr(block);
    elementBytes = nodeBytes(here);
    return true;
  }
  listpack = block;
  at = listpackFirst(block);
  return nextInListpack();
}

function nextInIntset(): bool {
  if (index == intsetCount(value)) return false;
  elementPtr = integerText;
  elementBytes = formatInteger(integerText, intsetAt(value, index++));
  assert(elementBytes <= INTEGER_MAX_BYTES);
  return true;
}

function nextInTable(): bool {
  while (!bucket || place == bucketEntryCount(bucket)) {
    place = 0;
    if (bucket) bucket = bucketNext(bucket);
    if (bucket) continue;
    if (index == tableBucketCount(table)) return false;
    bucket = tableChain(table, index++);
  }
  reached = bucketEntry(bucket, place++);
  elementPtr = keyPtr(reached);
  elementBytes = keyBytes(reached);
  return true;
}
