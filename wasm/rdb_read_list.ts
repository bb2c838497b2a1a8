// Lists from RDB: element by element (1), a ziplist (10), or nodes that are
// ziplists (14) or listpacks and large elements (18). A node keeps its elements
// together as the file has them. What fits a listpack becomes one at the end.

import { free } from "./allocator";
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  entryValue,
  TYPE_LIST,
} from "./entry";
import { listCompressDepth, listMaxListpackSize } from "./limits";
import {
  listpackCount,
  listpackFirst,
  listpackNext,
  readBytes,
  readPtr,
  viewElementBeside,
} from "./listpack";
import {
  addToCount,
  exceedsFill,
  linkNode,
  onlyBlock,
  quicklistHead,
  quicklistNew,
  quicklistPush,
  quicklistTail,
  settle,
} from "./quicklist";
import {
  isCompressed,
  isPlain,
  nextNode,
  nodeBytes,
  nodeCount,
  packedNode,
} from "./quicklist_node";
import { RDB_NODE_PACKED, RDB_NODE_PLAIN } from "./rdb_codes";
import { draft, setDraft } from "./rdb_draft";
import { FAULT_NODE } from "./rdb_faults";
import {
  readLength,
  readString,
  stringBytes,
  stringPtr,
  VALUE,
} from "./rdb_read";
import { takeListpack } from "./rdb_read_blob";
import { fromZiplist } from "./rdb_read_old";
import { fail, failForMemory } from "./source";

/** The most elements that a node can count. */
const NODE_COUNT_MAX: u32 = 65535;

const integerText: u32 = u32(memory.data(24));

/** Begins a list in the draft. */
export function beginList(): bool {
  const list = quicklistNew(listMaxListpackSize, listCompressDepth);
  if (!list) return failForMemory();
  setDraft(TYPE_LIST, ENCODING_QUICKLIST, list);
  return true;
}

/** Reads one element. */
export function readListElement(): bool {
  return readString(VALUE) && push(stringPtr, stringBytes);
}

function push(ptr: u32, byteCount: u32): bool {
  const list = entryValue(draft);
  const tail = quicklistTail(list);
  if (quicklistPush(list, ptr, byteCount, false) != 0) return failForMemory();
  if (quicklistTail(list) != tail) settle(list, quicklistTail(list));
  return true;
}

/** Reads one node of a list of type 18. */
export function readListNode(): bool {
  const form = readLength();
  if (!readString(VALUE)) return false;
  if (form == RDB_NODE_PLAIN) {
    // No version writes an empty element in a node of its own.
    if (!stringBytes) return fail(FAULT_NODE);
    return push(stringPtr, stringBytes);
  }
  if (form != RDB_NODE_PACKED) return fail(FAULT_NODE);
  return addNode(takeListpack(stringPtr, stringBytes));
}

/** Reads one node of a list of type 14. */
export function readZiplistNode(): bool {
  return readString(VALUE) && addNode(fromZiplist(stringPtr, stringBytes));
}

/** A list of type 10. */
export function readZiplistList(): bool {
  return readString(VALUE) && beginList() &&
    addNode(fromZiplist(stringPtr, stringBytes));
}

/** Adds a listpack as a node, or nothing if it is empty. */
function addNode(lp: u32): bool {
  if (!lp) return false;
  const count = listpackCount(lp);
  if (!count || count > NODE_COUNT_MAX) {
    const isDone = pushAll(lp);
    free(lp);
    return isDone;
  }
  const node = packedNode(lp, count);
  if (!node) {
    free(lp);
    return failForMemory();
  }
  const list = entryValue(draft);
  linkNode(list, quicklistTail(list), node);
  addToCount(list, count);
  settle(list, node);
  return true;
}

function pushAll(lp: u32): bool {
  for (let from = listpackFirst(lp); from; from = listpackNext(lp, from)) {
    viewElementBeside(from, integerText);
    if (!push(readPtr, readBytes)) return false;
  }
  return true;
}

/** Makes the list a listpack if it is small enough. */
export function endList(): void {
  const list = entryValue(draft);
  const node = quicklistHead(list);
  if (!node || nextNode(node) || isPlain(node) || isCompressed(node)) return;
  if (exceedsFill(listMaxListpackSize, nodeBytes(node), nodeCount(node))) {
    return;
  }
  setDraft(TYPE_LIST, ENCODING_LISTPACK, onlyBlock(list));
}
