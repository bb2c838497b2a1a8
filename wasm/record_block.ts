// Values that are a single block, and nodes of lists, for record.ts: to an RDB
// file most of them go as they are, as commands element by element.
//
// Reading elements leaves no trace in what listpack.ts has read for others.

import { free } from "./allocator";
import {
  ENCODING_INTSET,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_ZSET,
} from "./entry";
import { intsetAt, intsetBytes, intsetCount } from "./intset";
import {
  listpackBytes,
  listpackFirst,
  listpackNext,
  readBytes,
  readInteger,
  readIsInteger,
  readPtr,
  restoreRead,
  viewElementBeside,
} from "./listpack";
import { formatInteger, INTEGER_MAX_BYTES } from "./number";
import {
  expanded,
  isCompressed,
  isPlain,
  nodeBlock,
  nodeBytes,
  nodeCount,
  plainPtr,
} from "./quicklist_node";
import { RDB_NODE_PACKED } from "./rdb_codes";
import { rdbString } from "./rdb_write";
import {
  commandsElement,
  commandsExpect,
  commandsPair,
} from "./record_commands";
import { put8, sinkFail } from "./sink";

const digits: u32 = u32(memory.data(INTEGER_MAX_BYTES));
const secondDigits: u32 = u32(memory.data(INTEGER_MAX_BYTES));

/** The value of a key of this kind; a list's one node, a set's members. */
export function rdbBlock(kind: u32, block: u32): void {
  const type = kind >> 4;
  if ((kind & 15) == ENCODING_INTSET) {
    rdbString(block, intsetBytes(block));
  } else if (type == TYPE_SET) {
    putElements(block, false);
  } else {
    if (type == TYPE_LIST) put8(RDB_NODE_PACKED);
    rdbString(block, listpackBytes(block));
  }
}

/** The elements of such a value, which have been announced. */
export function commandsBlock(kind: u32, block: u32): void {
  const type = kind >> 4;
  if ((kind & 15) == ENCODING_INTSET) {
    const count = intsetCount(block);
    for (let i: u32 = 0; i < count; i++) {
      commandsElement(digits, formatInteger(digits, intsetAt(block, i)));
    }
  } else if (type == TYPE_HASH || type == TYPE_ZSET) {
    commandPairs(block, type == TYPE_ZSET);
  } else putElements(block, true);
}

/** The elements of a node of a list. */
export function commandsNode(node: u32): void {
  const block = isCompressed(node) ? expanded(node) : nodeBlock(node);
  if (!block) {
    sinkFail();
    return;
  }
  commandsExpect(nodeCount(node));
  if (isPlain(node)) commandsElement(plainPtr(block), nodeBytes(node));
  else putElements(block, true);
  if (isCompressed(node)) free(block);
}

/** Puts the elements of a listpack: as a command's, or as an RDB file's. */
function putElements(lp: u32, asCommands: bool): void {
  const isInteger = readIsInteger;
  const integer = readInteger;
  const ptr = readPtr;
  const byteCount = readBytes;
  for (let at = listpackFirst(lp); at; at = listpackNext(lp, at)) {
    viewElementBeside(at, digits);
    if (asCommands) commandsElement(readPtr, readBytes);
    else rdbString(readPtr, readBytes);
  }
  restoreRead(isInteger, integer, ptr, byteCount);
}

/** Fields and values; of a sorted set the score comes first. */
function commandPairs(lp: u32, isTurned: bool): void {
  const isInteger = readIsInteger;
  const integer = readInteger;
  const ptr = readPtr;
  const byteCount = readBytes;
  for (let at = listpackFirst(lp); at; at = listpackNext(lp, at)) {
    viewElementBeside(at, digits);
    const first = readPtr;
    const firstBytes = readBytes;
    at = listpackNext(lp, at);
    viewElementBeside(at, secondDigits);
    if (isTurned) commandsPair(readPtr, readBytes, first, firstBytes);
    else commandsPair(first, firstBytes, readPtr, readBytes);
  }
  restoreRead(isInteger, integer, ptr, byteCount);
}
