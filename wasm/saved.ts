// How many bytes a value takes in an RDB file that compresses nothing, as DEBUG
// OBJECT tells it.
//
//   string               length and bytes, or one to four bytes of an integer
//   listpack, intset     the block as a string
//   quicklist            count of nodes, then each: its kind and its block
//   hash table           count, then each name, with a field its value
//   skiplist             count, then each name and eight bytes of its score

import {
  elementBytes,
  elementPtr,
  elementsBegin,
  elementsNext,
  secondBegin,
} from "./elements";
import {
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  entryEncoding,
  entryType,
  entryValue,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_STRING,
  TYPE_ZSET,
} from "./entry";
import { intsetBytes } from "./intset";
import { listpackBytes } from "./listpack";
import { parsedInteger, parseInteger } from "./number";
import { quicklistHead } from "./quicklist";
import {
  isPlain,
  nextNode,
  nodeBlock,
  nodeBytes,
  plainPtr,
} from "./quicklist_node";
import { viewBytes, viewPtr, viewString } from "./string";

/** Integers of up to so many digits are looked for, as Redis does. */
const INTEGER_MAX_BYTES: u32 = 11;
const SCORE_BYTES: u32 = 8;

/** Bytes of the value in a key's entry. */
export function savedBytes(entry: u32): f64 {
  const value = entryValue(entry);
  if (entryType(entry) == TYPE_STRING) {
    viewString(entry);
    return stringBytes(viewPtr(), viewBytes());
  }
  const encoding = entryEncoding(entry);
  if (encoding == ENCODING_LISTPACK) {
    // A list is saved as a quicklist of one node.
    const byteCount = blockBytes(listpackBytes(value));
    return entryType(entry) == TYPE_LIST ? byteCount + 2 : byteCount;
  }
  if (encoding == ENCODING_INTSET) return blockBytes(intsetBytes(value));
  return encoding == ENCODING_QUICKLIST
    ? nodesBytes(value)
    : elementsBytes(entry);
}

// @ts-ignore: decorator
@inline
function lengthBytes(length: u32): u32 {
  return length < 64 ? 1 : length < 16384 ? 2 : 5;
}

// @ts-ignore: decorator
@inline
function blockBytes(byteCount: u32): f64 {
  return f64(byteCount) + lengthBytes(byteCount);
}

function stringBytes(ptr: u32, byteCount: u32): f64 {
  if (byteCount <= INTEGER_MAX_BYTES && parseInteger(ptr, byteCount)) {
    const value = parsedInteger;
    if (value == i64(i8(value))) return 2;
    if (value == i64(i16(value))) return 3;
    if (value == i64(i32(value))) return 5;
  }
  return blockBytes(byteCount);
}

function nodesBytes(list: u32): f64 {
  let count: u32 = 0;
  let sum: f64 = 0;
  for (let node = quicklistHead(list); node; node = nextNode(node)) {
    const byteCount = nodeBytes(node);
    sum += 1 +
      (isPlain(node)
        ? stringBytes(plainPtr(nodeBlock(node)), byteCount)
        : blockBytes(byteCount));
    count++;
  }
  return sum + lengthBytes(count);
}

function elementsBytes(entry: u32): f64 {
  const type = entryType(entry);
  let count: u32 = 0;
  let sum: f64 = 0;
  elementsBegin(entry);
  while (elementsNext()) {
    sum += stringBytes(elementPtr, elementBytes);
    if (type == TYPE_ZSET) sum += SCORE_BYTES;
    if (type == TYPE_HASH) {
      secondBegin();
      sum += stringBytes(elementPtr, elementBytes);
    }
    count++;
  }
  return sum + lengthBytes(count);
}
