// When and how often a key was used: a word in the entry's header.
//
//   LRU:  u24 seconds | u8 of 256ths
//   LFU:  u16 minutes of the last use | u8 of 256ths | u8 logarithmic counter
//
// Both times are of the wall clock, modulo what finds room. Redis keeps the 24
// bits that are left without the 256ths, and so does whoever asks (OBJECT
// IDLETIME and FREQ, RDB files). A cache of a hundred thousand keys may be
// filled anew within a second: in seconds all its keys would be equally old, and
// eviction (eviction.ts) would draw lots. Under LFU the 256ths tell who of those
// used equally often was used last.

import { entryAccess, setEntryAccess } from "./entry";
import { nextRandom } from "./random";

const LFU_INITIAL: u32 = 5;
const COUNTER_BITS: u32 = 8;
const COUNTER_MAX: u32 = 255;

/** Wall clock in ms, set by TypeScript before each batch. */
export let nowMs: f64 = 0;
let clockMs: f64 = 0;
/** In seconds, and in the units of LRU and LFU. */
let clockSeconds: u32 = 0;
let clockTicks: u32 = 0;
let clockUses: u32 = 0;
let isTimeHeld: bool = false;
let lfu: bool = false;
let lfuLogFactor: u32 = 10;
let lfuDecayMinutes: u32 = 1;
/** CLIENT NO-TOUCH: reads leave the access field as it is. */
let noTouch: bool = false;

export function setClock(ms: f64): void {
  nowMs = isTimeHeld ? -Infinity : ms;
  clockMs = ms;
  clockSeconds = u32(u64(ms) / 1000);
  clockTicks = u32(u64(ms) * 256 / 1000);
  clockUses = u32(u64(ms) * 256 / 60000) << COUNTER_BITS;
}

/** While time is held, nothing is due; the clock of use goes on. */
export function holdTime(on: i32): void {
  isTimeHeld = on != 0;
  setClock(clockMs);
}

export function setNoTouch(on: i32): void {
  noTouch = on != 0;
}

export function setLfu(on: i32, logFactor: u32, decayMinutes: u32): void {
  lfu = on != 0;
  lfuLogFactor = logFactor;
  lfuDecayMinutes = decayMinutes;
}

/** The field of a new key. */
// @ts-ignore: decorator
@inline
export function freshAccess(): u32 {
  return lfu ? clockUses | LFU_INITIAL : clockTicks;
}

/**
 * The field of a key that was not used for so many seconds, or had this
 * counter, -1 being unknown: under each policy only the one counts that is its
 * own.
 */
export function accessAfter(idle: i64, counter: i32): u32 {
  if (lfu) return counter < 0 ? freshAccess() : clockUses | counter;
  if (idle < 0) return freshAccess();
  return u32(max<i64>(i64(clockSeconds) - idle, 0)) << 8;
}

// @ts-ignore: decorator
@inline
export function touchEntry(entry: u32): void {
  if (noTouch) return;
  if (lfu) touchFrequency(entry);
  else setEntryAccess(entry, clockTicks);
}

/** An entry that replaces another goes on with its use, this one included. */
export function inheritAccess(entry: u32, old: u32): void {
  setEntryAccess(entry, entryAccess(old));
  touchEntry(entry);
}

function touchFrequency(entry: u32): void {
  let counter = decayedCounter(entry);
  if (counter < COUNTER_MAX) {
    const base = counter > LFU_INITIAL ? counter - LFU_INITIAL : 0;
    const chance = 1.0 / f64(base * lfuLogFactor + 1);
    if (f64(nextRandom() & 0xffffff) / 16777216.0 < chance) counter++;
  }
  setEntryAccess(entry, clockUses | counter);
}

/** OBJECT FREQ: the counter, less what idle minutes have taken from it. */
export function decayedCounter(entry: u32): u32 {
  return counterOf(entryAccess(entry));
}

/** The same by the field's bits. */
export function counterOf(access: u32): u32 {
  const counter = access & COUNTER_MAX;
  if (!lfuDecayMinutes) return counter;
  const idle = (clockUses >> 16) - (access >> 16) & 0xffff;
  const periods = idle / lfuDecayMinutes;
  return periods > counter ? 0 : counter - periods;
}

/** OBJECT IDLETIME in seconds. */
export function idleSeconds(entry: u32): u32 {
  return secondsSince(entryAccess(entry));
}

/** The same by the field's bits. */
export function secondsSince(access: u32): u32 {
  return (clockTicks >> 8) - (access >> 8) & 0xffffff;
}

/** The field as Redis would keep it, in 24 bits. */
export function plainAccess(access: u32): u32 {
  return lfu ? (access >> 16 << 8) | (access & COUNTER_MAX) : access >> 8;
}

/**
 * How good a victim for eviction a key is by its field's bits: the longer unused
 * or, under LFU, the less often used and then the longer unused, the higher.
 */
// @ts-ignore: decorator
@inline
export function staleness(access: u32): u32 {
  if (!lfu) return clockTicks - access;
  const unused = (clockUses - access) >> COUNTER_BITS;
  return (COUNTER_MAX - counterOf(access)) << 24 | unused;
}
