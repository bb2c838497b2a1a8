import {
  timeoutNegative,
  timeoutNotAFloat,
  timeoutOutOfRange,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";

const LONGEST_MS = 2 ** 63;

/** Seconds, maybe with a fraction, as ms from now; 0 means for ever. */
export function timeoutAt(call: Call, index: number): number {
  const seconds = call.double(index, timeoutNotAFloat);
  const timeoutMs = Math.ceil(seconds * 1000);
  if (timeoutMs < 0) throw timeoutNegative;
  if (timeoutMs + call.now >= LONGEST_MS) throw timeoutOutOfRange;
  return timeoutMs;
}
