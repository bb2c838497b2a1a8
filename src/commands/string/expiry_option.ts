/**
 * When a key is due, as commands say it: EX and PX count from now, EXAT and
 * PXAT name the time, in seconds or milliseconds. SET, GETEX and their kind
 * share this.
 */
import { invalidExpire } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";

export type ExpiryOption = "EX" | "PX" | "EXAT" | "PXAT";

const OPTIONS: readonly ExpiryOption[] = ["EX", "PX", "EXAT", "PXAT"];

/** Up to here a time in ms, and 1000 times it, are exact as doubles. */
const PLAIN_AMOUNT_MAX = 2 ** 42;
/** A due time is a signed 64-bit number. */
const DUE_MAX = 2n ** 63n - 1n;

/** Which of the options a word is; null for none. */
export function expiryOption(call: Call, index: number): ExpiryOption | null {
  for (const option of OPTIONS) if (call.is(index, option)) return option;
  return null;
}

/** Whether the option names a time, and not a distance from now. */
export function isAbsolute(option: string | null): boolean {
  return option === "EXAT" || option === "PXAT";
}

/**
 * The due time in ms that an option with this word means. Throws when the word
 * is no integer, is not positive, or leads beyond 64 bits; `name` is the
 * command's own, for the error.
 */
export function dueTime(
  call: Call,
  option: ExpiryOption,
  index: number,
  name: string,
): number {
  const amount = call.integer(index);
  if (amount <= 0) throw invalidExpire(name);
  const unitMs = option === "EX" || option === "EXAT" ? 1000 : 1;
  const startMs = isAbsolute(option) ? 0 : call.now;
  if (amount <= PLAIN_AMOUNT_MAX) return amount * unitMs + startMs;
  const exact = call.bigInteger(index) * BigInt(unitMs) + BigInt(startMs);
  if (exact > DUE_MAX) throw invalidExpire(name);
  return Number(exact);
}

/**
 * A due time in digits, for commands that are sent on. Far out a double rounds,
 * and the text must neither have an exponent nor leave the 64 bits.
 */
export function dueDigits(dueMs: number): string {
  if (Number.isSafeInteger(dueMs)) return String(dueMs);
  const exact = BigInt(dueMs);
  return String(exact > DUE_MAX ? DUE_MAX : exact);
}
