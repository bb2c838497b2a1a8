/**
 * What the commands that may wait do as soon as there is something: each of
 * these functions replies and returns true, or does nothing and returns false.
 */
import { MISSING, type Side } from "../../keyspace/lists.ts";
import type { Call } from "../call.ts";
import { popped, pushed } from "./side.ts";

/**
 * Takes elements off the first list that is there: up to `most` of them, in an
 * array, or with null a single one. Others get it as LPOP or RPOP.
 */
export function serveFirst(
  call: Call,
  firstKey: number,
  keyCount: number,
  side: Side,
  most: number | null,
): boolean {
  for (let key = firstKey; key < firstKey + keyCount; key++) {
    const count = call.db.lists.popWithKey(key, most, side);
    if (count === MISSING) continue;
    popped(call, key, side);
    if (call.observed) {
      const name = side === "left" ? "LPOP" : "RPOP";
      const words = [name, call.bytes(key)];
      call.propagate(most === null ? words : [...words, count]);
    }
    return true;
  }
  return false;
}

/** Moves an element from the list at argument 1 to that at argument 2. */
export function serveMove(call: Call, from: Side, to: Side): boolean {
  if (call.db.lists.move(1, 2, from, to) === MISSING) return false;
  pushed(call, 2, to);
  popped(call, 1, from);
  return true;
}
