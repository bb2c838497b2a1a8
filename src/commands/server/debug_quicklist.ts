/** DEBUG QUICKLIST-PACKED-THRESHOLD: when a list's element has a node alone. */
import { failure } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";

const UNITS = new Map([
  ["", 1],
  ["b", 1],
  ["k", 1000],
  ["kb", 1024],
  ["m", 1000 ** 2],
  ["mb", 1024 ** 2],
  ["g", 1000 ** 3],
  ["gb", 1024 ** 3],
]);

/** What Redis takes: a MiB less than 4 GiB. */
const THRESHOLD_MAX = 2 ** 32 - 2 ** 20;

export function setPackedThreshold(call: Call): void {
  const [, digits, unit] = /^(\d*)(.*)$/s.exec(call.word(2)) ?? [];
  const byteCount = Number(digits) * (UNITS.get(unit) ?? NaN);
  if (!(byteCount <= THRESHOLD_MAX)) {
    throw failure(
      "ERR argument must be a memory value bigger than 1 and smaller than 4gb",
    );
  }
  call.keyspace.setPackedThreshold(byteCount);
  call.reply.ok();
}
