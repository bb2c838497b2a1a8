/** Commands that wait: their timeout, and the waiting itself. */
import {
  timeoutNegative,
  timeoutNotAFloat,
  timeoutOutOfRange,
} from "../protocol/errors.ts";
import type { Call, Wait } from "./call.ts";

/** In ms, rounded up; 0 is for ever. */
export function timeoutAt(call: Call, index: number): number {
  const seconds = call.double(index, timeoutNotAFloat);
  const ms = Math.ceil(seconds * 1000);
  if (ms > 2 ** 63) throw timeoutOutOfRange;
  if (ms < 0) throw timeoutNegative;
  if (ms + call.now >= 2 ** 63) throw timeoutOutOfRange;
  return ms;
}

/** Replies with what is there, or waits for it. */
export function serveOrWait(call: Call, wait: Wait): void {
  if (!wait.serve(call)) call.block(wait);
}
