// How many bytes a value takes in an RDB file, as DEBUG OBJECT tells it: it is
// written, and nobody keeps what comes out.

import { OUT_OF_MEMORY } from "./codes";
import { recordValueOnly } from "./record";
import {
  selectedSink,
  selectSink,
  sinkFailed,
  sinkFree,
  sinkNew,
  sinkOnlySum,
  sinkTotal,
} from "./sink";

/** The value's type stands before it and does not count. */
const TYPE_BYTES: f64 = 1;

/** Bytes of the value in a key's entry, or OUT_OF_MEMORY. */
export function savedBytes(entry: u32): f64 {
  const sink = sinkNew();
  if (!sink) return OUT_OF_MEMORY;
  sinkOnlySum(sink);
  const before = selectedSink();
  selectSink(sink);
  recordValueOnly(entry);
  selectSink(before);
  const byteCount = sinkTotal(sink) - TYPE_BYTES;
  const failed = sinkFailed(sink);
  sinkFree(sink);
  return failed ? OUT_OF_MEMORY : byteCount;
}
