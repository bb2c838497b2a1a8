/** The timeout of commands that wait. */
import {
  timeoutNegative,
  timeoutNotAFloat,
  timeoutOutOfRange,
} from "../protocol/errors.ts";
import type { Call } from "./call.ts";

/** In ms, rounded up; 0 is for ever. */
export function timeoutAt(call: Call, index: number): number {
  const seconds = call.double(index, timeoutNotAFloat);
  const ms = Math.ceil(seconds * 1000);
  if (ms > 2 ** 63) throw timeoutOutOfRange;
  if (ms < 0) throw timeoutNegative;
  if (ms + call.now >= 2 ** 63) throw timeoutOutOfRange;
  return ms;
}
