import type { Call } from "../call.ts";

/** States that members were taken from a key. */
export function popped(call: Call, key: number, fromEnd: boolean): void {
  call.changed(key, fromEnd ? "zpopmax" : "zpopmin");
  if (call.db.emptied) call.changed(key, "del");
}

/** The command that takes from one key at once, for replicas. */
export function popName(fromEnd: boolean): string {
  return fromEnd ? "ZPOPMAX" : "ZPOPMIN";
}

/** The first of the keys from an argument on that has members, or -1. */
export function firstToPop(call: Call, first: number, count: number): number {
  for (let key = first; key < first + count; key++) {
    if (call.db.sortedSets.canPop(key)) return key;
  }
  return -1;
}
