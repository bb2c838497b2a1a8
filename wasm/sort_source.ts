// What SORT sorts: the elements of a list, a set or a sorted set become items.

import { OUT_OF_MEMORY } from "./codes";
import {
  ENCODING_LISTPACK,
  entryEncoding,
  entryType,
  entryValue,
  TYPE_LIST,
  TYPE_SET,
  TYPE_ZSET,
} from "./entry";
import { isQuicklist, listCount } from "./list_form";
import {
  listpackNext,
  listpackPrevious,
  listpackSeek,
  readBytes,
  readIsInteger,
  readPtr,
  viewElement,
} from "./listpack";
import { seekIndex, seekNode } from "./quicklist";
import {
  closeNode,
  isCompressed,
  isPlain,
  nextNode,
  nodeCount,
  openNode,
  plainPtr,
  previousNode,
} from "./quicklist_node";
import { formCount } from "./set_form";
import {
  viewMember,
  WALK_BYTES,
  walkBegin,
  walkBytes,
  walkIsInteger,
  walkNext,
  walkPtr,
} from "./set_walk";
import { addItem, addItemCopy } from "./sort_items";
import {
  memberBytes,
  memberPtr,
  zsetBack,
  zsetCount,
  zsetFetch,
  zsetForward,
  zsetSeek,
  zsetView,
} from "./zset_value";

const walk = u32(memory.data(WALK_BYTES, 8));
/** Members of a sorted set that are fetched from memory together. */
const FETCH_COUNT: u32 = 16;

export function isSortable(entry: u32): bool {
  const type = entryType(entry);
  return type == TYPE_LIST || type == TYPE_SET || type == TYPE_ZSET;
}

export function sourceCount(entry: u32): u32 {
  if (entryType(entry) == TYPE_LIST) return listCount(entry);
  if (entryType(entry) == TYPE_ZSET) return zsetCount(entry);
  return formCount(entryEncoding(entry), entryValue(entry));
}

/**
 * Adds elements of a list or sorted set, from an index on and towards the head
 * if `backwards`; of a set always all. 0, or OUT_OF_MEMORY.
 */
export function gatherElements(
  entry: u32,
  index: u32,
  count: u32,
  backwards: bool,
): i32 {
  let done = true;
  if (entryType(entry) == TYPE_SET) done = addMembers(entry);
  else if (!count) return 0;
  else if (entryType(entry) == TYPE_ZSET) {
    done = addRanked(entry, index, count, backwards);
  } else if (isQuicklist(entry)) {
    done = addNodes(entryValue(entry), index, count, backwards);
  } else done = addPacked(entryValue(entry), index, count, backwards, true);
  return done ? 0 : OUT_OF_MEMORY;
}

function addMembers(entry: u32): bool {
  walkBegin(walk, entryEncoding(entry), entryValue(entry));
  while (walkNext(walk)) {
    if (!walkIsInteger) addItem(walkPtr, walkBytes);
    else {
      viewMember();
      if (!addItemCopy(walkPtr, walkBytes)) return false;
    }
  }
  return true;
}

function addRanked(
  entry: u32,
  rank: u32,
  count: u32,
  backwards: bool,
): bool {
  const isSmall = entryEncoding(entry) == ENCODING_LISTPACK;
  zsetSeek(entry, rank);
  for (let i: u32 = 0; i < count; i++) {
    if (i % FETCH_COUNT == 0) zsetFetch(min(FETCH_COUNT, count - i), backwards);
    zsetView();
    if (!isSmall || !readIsInteger) addItem(memberPtr, memberBytes);
    else if (!addItemCopy(memberPtr, memberBytes)) return false;
    if (backwards) zsetBack();
    else zsetForward();
  }
  return true;
}

function addNodes(
  list: u32,
  index: u32,
  count: u32,
  backwards: bool,
): bool {
  let node = seekNode(list, index);
  let from = seekIndex;
  let done = true;
  while (done && count) {
    const block = openNode(node);
    if (!block) return false;
    const stays = !isCompressed(node);
    const there = backwards ? from + 1 : nodeCount(node) - from;
    const wanted = min(there, count);
    if (isPlain(node)) done = addPlain(block, stays);
    else done = addPacked(block, from, wanted, backwards, stays);
    count -= wanted;
    if (!count) break;
    node = backwards ? previousNode(node) : nextNode(node);
    from = backwards ? nodeCount(node) - 1 : 0;
  }
  closeNode();
  return done;
}

function addPlain(block: u32, stays: bool): bool {
  if (!stays) return addItemCopy(plainPtr(block), load<u32>(block));
  addItem(plainPtr(block), load<u32>(block));
  return true;
}

function addPacked(
  lp: u32,
  index: u32,
  count: u32,
  backwards: bool,
  stays: bool,
): bool {
  let at = listpackSeek(lp, index);
  while (count--) {
    viewElement(at);
    if (stays && !readIsInteger) addItem(readPtr, readBytes);
    else if (!addItemCopy(readPtr, readBytes)) return false;
    at = backwards ? listpackPrevious(lp, at) : listpackNext(lp, at);
  }
  return true;
}
