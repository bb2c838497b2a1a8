// When and how often a key was used: 24 bits in the entry's header.
//
//   LRU: the clock in seconds, modulo 2^24
//   LFU: u16 minutes of the last decrement, u8 logarithmic counter

import { entryAccess, setEntryAccess } from "./entry";
import { nextRandom } from "./table";

const LFU_INITIAL: u32 = 5;

/** Wall clock in ms, set by TypeScript before each batch. */
export let nowMs: f64 = 0;
let clockMs: f64 = 0;
let clockSeconds: u32 = 0;
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

// @ts-ignore: decorator
@inline
function minutes(): u32 {
  return (clockSeconds / 60) & 0xffff;
}

/** The field of a new key. */
// @ts-ignore: decorator
@inline
export function freshAccess(): u32 {
  return lfu ? (minutes() << 8) | LFU_INITIAL : clockSeconds & 0xffffff;
}

/**
 * The field of a key that was not used for so many seconds, or had this
 * counter, -1 being unknown: under each policy only the one counts that is its
 * own.
 */
export function accessAfter(idle: i64, counter: i32): u32 {
  if (lfu) return counter < 0 ? freshAccess() : (minutes() << 8) | counter;
  if (idle < 0) return freshAccess();
  return u32(max<i64>(i64(clockSeconds) - idle, 0)) & 0xffffff;
}

// @ts-ignore: decorator
@inline
export function touchEntry(entry: u32): void {
  if (noTouch) return;
  if (lfu) touchFrequency(entry);
  else setEntryAccess(entry, clockSeconds & 0xffffff);
}

/** An entry that replaces another goes on with its use, this one included. */
export function inheritAccess(entry: u32, old: u32): void {
  setEntryAccess(entry, entryAccess(old));
  touchEntry(entry);
}

function touchFrequency(entry: u32): void {
  let counter = decayedCounter(entry);
  if (counter < 255) {
    const base = counter > LFU_INITIAL ? counter - LFU_INITIAL : 0;
    const chance = 1.0 / f64(base * lfuLogFactor + 1);
    if (f64(nextRandom() & 0xffffff) / 16777216.0 < chance) counter++;
  }
  setEntryAccess(entry, (minutes() << 8) | counter);
}

/** OBJECT FREQ: the counter, less what idle minutes have taken from it. */
export function decayedCounter(entry: u32): u32 {
  return counterOf(entryAccess(entry));
}

/** The same by the field's bits. */
export function counterOf(access: u32): u32 {
  const counter = access & 255;
  if (!lfuDecayMinutes) return counter;
  const idle = (minutes() - (access >> 8)) & 0xffff;
  const periods = idle / lfuDecayMinutes;
  return periods > counter ? 0 : counter - periods;
}

/** OBJECT IDLETIME in seconds. */
export function idleSeconds(entry: u32): u32 {
  return secondsSince(entryAccess(entry));
}

/** The same by the field's bits. */
export function secondsSince(access: u32): u32 {
  return (clockSeconds - access) & 0xffffff;
}
