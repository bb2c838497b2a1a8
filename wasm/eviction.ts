// Eviction: keys go so that others find room below maxmemory.
//
// It happens between commands only, so that no command loses what it has looked
// up. What was thrown away before and waits to be freed goes first; then keys,
// in the order that victims.ts says. A large value is freed in slices, like all
// that is freed, and nothing counts as free before it is.
//
// A little more than needed is freed at a time, so that what happens next finds
// room at once and victims are looked for several at a time.
//
// Evicting a key is a change like any: those who watch it, the log, subscribers
// and snapshots learn of it first. Without memory to tell them it stays.

import { usedBytes } from "./allocator";
import { argCount, argLen, ownsBlock } from "./arguments";
import {
  EVICTION_DONE,
  EVICTION_EXHAUSTED,
  EVICTION_UNFINISHED,
} from "./codes";
import { removeFound } from "./database";
import { reclaim, waitsToBeFreed } from "./graveyard";
import { expireGone, isGone, removesDue } from "./overdue";
import { isFraming } from "./effects";
import { noteEvicted } from "./journal";
import { bound, fits, isLimited, takeWanted } from "./memory_limit";
import { countEvicted } from "./statistics";
import { evictsNobody, findVictim, victimDatabase } from "./victims";

/** What the header of an entry, and rounding up, take beside key and value. */
const COMMAND_EXTRA_BYTES: u32 = 96;
/** Where a command is received, and what each of its arguments takes besides. */
const INPUT_BYTES: f64 = 131072;
const ARGUMENT_BYTES: f64 = 16;
/** A buffer that grows is twice as large as what it has to hold, or more. */
const BUFFER_FACTOR: f64 = 3;
/** So much more is freed at a time, but no more than this part of the limit. */
const SPARE_BYTES: u32 = 16384;
const SPARE_SHIFT: u32 = 12;
/** How much one step of freeing frees, in elements. */
const FREE_COUNT: u32 = 32;
/** The batch loop evicts no longer than this; TypeScript has a clock. */
const LOOP_STEPS: u32 = 1024;

/**
 * Evicts until so many bytes fit, in no more than so many steps: how far that
 * has come.
 */
export function evict(bytes: f64, steps: u32): i32 {
  const need = u32(min<f64>(bytes, 4294901760.0));
  if (!isLimited || fits(need)) return EVICTION_DONE;
  const goal = need + spareBytes(need);
  while (steps--) {
    if (!free() && !evictOne()) {
      return fits(need) ? EVICTION_DONE : EVICTION_EXHAUSTED;
    }
    if (fits(goal)) return EVICTION_DONE;
  }
  return fits(need) ? EVICTION_DONE : EVICTION_UNFINISHED;
}

/** Little is lost by it, and the next ones need not look for victims. */
function spareBytes(need: u32): u32 {
  const share = u32(usedBytes()) >> SPARE_SHIFT;
  return min(min(SPARE_BYTES, share), u32.MAX_VALUE - need);
}

/** Frees some of what was thrown away; false when there is none. */
function free(): bool {
  if (!waitsToBeFreed()) return false;
  const before = usedBytes();
  reclaim(FREE_COUNT);
  return usedBytes() < before;
}

function evictOne(): bool {
  if (evictsNobody()) return false;
  const entry = findVictim();
  if (!entry) return false;
  if (removesDue() && isGone(entry)) return expireGone(victimDatabase, entry);
  if (!noteEvicted(victimDatabase, entry)) return false;
  countEvicted();
  removeFound(victimDatabase, entry);
  return true;
}

// For the batch loop.

/** What the current command may need, as far as its arguments tell. */
export function commandRoom(): f64 {
  let bytes: f64 = COMMAND_EXTRA_BYTES;
  for (let i: u32 = 1; i < argCount; i++) {
    // What lies in a block of its own is moved, not copied.
    if (!ownsBlock(i)) bytes += f64(argLen(i));
  }
  return bytes;
}

/** About what the current command takes while it waits to be executed. */
export function commandInput(): f64 {
  let bytes = INPUT_BYTES + f64(argCount) * ARGUMENT_BYTES;
  for (let i: u32 = 1; i < argCount; i++) {
    bytes += f64(argLen(i)) * BUFFER_FACTOR;
  }
  return bytes;
}

/**
 * The current command adds to the data: whether it may be executed. From then
 * on, until `endWrite`, what does not fit is refused.
 */
export function beginWrite(): bool {
  // What a transaction had room for when it began is not refused half-way, and
  // keys do not vanish under its hands for what was put above the limit.
  if (isFraming && !fits(0)) return true;
  const need = commandRoom() + f64(takeWanted());
  if (!fits(u32(min<f64>(need, 4294901760.0)))) {
    if (evict(need, LOOP_STEPS) != EVICTION_DONE) return false;
  }
  bound(true);
  return true;
}

export function endWrite(): void {
  bound(false);
}
