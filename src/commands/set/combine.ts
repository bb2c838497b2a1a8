/** What SINTER, SUNION and SDIFF have in common. */
import {
  limitNegative,
  numkeysNotPositive,
  numkeysTooLarge,
  syntaxError,
} from "../../protocol/errors.ts";
import type { EventName } from "../../protocol/events.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";

export const inputKeys = (): Argument =>
  arg.key("key", "RO", "access").multiple();

/** What the counting commands take, see `countOptions`. */
export const countArguments = (...more: Argument[]): Argument[] => [
  arg.integer("numkeys"),
  inputKeys(),
  ...more,
  arg.integer("limit").token("LIMIT").optional(),
];

/** Replies with the combination of all keys. */
export function replyCombined(call: Call, operation: number): void {
  call.db.sets.replyCombined(operation, 1, call.argc - 1);
}

/** Stores the combination of all keys but the first, under the first. */
export function storeCombined(
  call: Call,
  operation: number,
  event: EventName,
): void {
  const { db, reply } = call;
  const count = db.sets.store(operation, 1, 2, call.argc - 2);
  if (count > 0) call.changed(1, event);
  else if (db.delete(1)) call.changed(1, "del");
  reply.integer(count);
}

export interface CountOptions {
  readonly keyCount: number;
  readonly limit: number;
  readonly isApproximate: boolean;
}

/** A limit of 0 is none. */
const NO_LIMIT = 2 ** 31 - 1;

/** Reads `numkeys key [key ...] [LIMIT limit]`, and APPROX where it is known. */
export function countOptions(call: Call, knowsApprox = false): CountOptions {
  const keyCount = call.integerIn(1, 1, 2 ** 63, numkeysNotPositive);
  if (keyCount > call.argc - 2) throw numkeysTooLarge;
  let limit = 0;
  let isApproximate = false;
  for (let i = 2 + keyCount; i < call.argc; i++) {
    if (call.is(i, "LIMIT") && i + 1 < call.argc) {
      limit = call.integerIn(++i, 0, 2 ** 63, limitNegative);
    } else if (knowsApprox && call.is(i, "APPROX")) {
      isApproximate = true;
    } else throw syntaxError;
  }
  return { keyCount, limit: limit || NO_LIMIT, isApproximate };
}

/** Replies with the number of members of the combination. */
export function replyCount(
  call: Call,
  operation: number,
  { keyCount, limit }: CountOptions,
): void {
  const { sets } = call.db;
  call.reply.integer(sets.countCombined(operation, 2, keyCount, limit));
}
