// The doors at which a running snapshot looks on.
//
// Whoever changes data says so here first, or right after something new came
// in; what then happens is the snapshot's business (snapshot.ts), which lies
// above all structures and so is called through these references. While no
// snapshot runs, `watched` is false and a door costs one test of it.
//
//   a table's element   is about to change, to leave or to be replaced; came in
//   a table             is thrown away with all that is in it
//   a large string      is about to change in place; is to be freed
//   a list's node       is about to change; is to be freed
//
// A table here is one of keys, of a hash's fields or of a set's or sorted set's
// members. Nothing that is called here moves or frees what it is told of, nor
// spoils what a look-up has found. It never fails either: what has no memory
// for itself gives the snapshot up. The limit of memory is not the snapshot's,
// so that what serves it is never refused.

import { bound, isBounded } from "./memory_limit";

type TableDoor = (table: u32) => bool;
type ElementDoor = (table: u32, element: u32, hash: u64) => void;
type BlockDoor = (block: u32) => void;
type FreeDoor = (block: u32) => bool;
type SliceDoor = (units: u32) => bool;

/** Whether any walk of a snapshot goes on. */
export let watched: bool = false;

export function setWatched(on: bool): void {
  watched = on;
}

/** A string of so many bytes may be in the hands of a snapshot. */
export const LARGE_STRING_BYTES: u32 = 128 * 1024;

let elementChanges: ElementDoor = (_table, _element, _hash) => {};
let elementComes: ElementDoor = (_table, _element, _hash) => {};
let tableGoes: TableDoor = (_table) => false;
let stringChanges: BlockDoor = (_block) => {};
let stringGoes: FreeDoor = (_block) => false;
let nodeChanges: BlockDoor = (_node) => {};
let nodeGoes: FreeDoor = (_node) => false;
let cleans: SliceDoor = (_units) => false;

/** The snapshot says what happens at the doors of tables. */
export function watchTables(
  changes: ElementDoor,
  comes: ElementDoor,
  goes: TableDoor,
): void {
  elementChanges = changes;
  elementComes = comes;
  tableGoes = goes;
}

/** And at those of strings and of lists' nodes. */
export function watchBlocks(
  changesString: BlockDoor,
  freesString: FreeDoor,
  changesNode: BlockDoor,
  freesNode: FreeDoor,
): void {
  stringChanges = changesString;
  stringGoes = freesString;
  nodeChanges = changesNode;
  nodeGoes = freesNode;
}

/** And what cleans up behind a snapshot that was given up. */
export function watchCleaning(clean: SliceDoor): void {
  cleans = clean;
}

/** An element of a walked table changes, leaves or is replaced. */
export function beforeChange(table: u32, element: u32, hash: u64): void {
  const wasBounded = isBounded;
  bound(false);
  elementChanges(table, element, hash);
  bound(wasBounded);
}

/** An element has come into a walked table. */
export function afterInsert(table: u32, element: u32, hash: u64): void {
  const wasBounded = isBounded;
  bound(false);
  elementComes(table, element, hash);
  bound(wasBounded);
}

/**
 * A walked table is thrown away: true when the snapshot keeps it and lets it
 * go later.
 */
export function keepsTable(table: u32): bool {
  return tableGoes(table);
}

/** A raw string of at least LARGE_STRING_BYTES changes in place. */
export function beforeStringChange(block: u32): void {
  const wasBounded = isBounded;
  bound(false);
  stringChanges(block);
  bound(wasBounded);
}

/** One is to be freed: true when the snapshot does it later. */
export function keepsString(block: u32): bool {
  return stringGoes(block);
}

/** A list's node that has a place in a snapshot changes. */
export function beforeNodeChange(node: u32): void {
  const wasBounded = isBounded;
  bound(false);
  nodeChanges(node);
  bound(wasBounded);
}

/** One is to be freed: true when the snapshot does it later. */
export function keepsNode(node: u32): bool {
  return nodeGoes(node);
}

/** Cleans up behind given up snapshots; whether there is more to do. */
export function cleanWalks(units: u32): bool {
  return cleans(units);
}
