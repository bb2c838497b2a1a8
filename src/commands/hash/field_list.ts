/**
 * What the commands on due times of fields share: `FIELDS n field ...`, and
 * how a point in time is said.
 */
import {
  expireTimeNegative,
  fieldCountMismatch,
  fieldCountNotPositive,
  fieldsMissing,
  invalidExpire,
  type ReplyError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";

/** The arguments from `first` on that are names of fields. */
export interface FieldList {
  readonly first: number;
  readonly count: number;
}

/** The word FIELDS with its count and names, as manual pages show it. */
export const fieldsArgument: Argument = arg.block(
  "fields",
  arg.integer("numfields"),
  arg.string("field").multiple(),
).token("FIELDS");

/** Reads the list that fills the call from an index on. */
export function fieldsAt(
  call: Call,
  at: number,
  notPositive: ReplyError = fieldCountNotPositive,
): FieldList {
  if (at >= call.argc || !call.is(at, "FIELDS")) throw fieldsMissing;
  const first = at + 2;
  if (first > call.argc) throw fieldsMissing;
  const count = call.integerIn(at + 1, 1, Infinity, notPositive);
  if (count !== call.argc - first) throw fieldCountMismatch;
  return { first, count };
}

/** The latest time that a field can be due, in ms: 2^46 - 1, as in Redis. */
const LATEST_MS = 2 ** 46 - 1;

/** How a command says a time: in which unit, and whether it counts from now. */
export interface TimeForm {
  readonly unitMs: number;
  readonly fromNow: boolean;
}

export const TIME_FORMS: Readonly<Record<string, TimeForm>> = {
  EX: { unitMs: 1000, fromNow: true },
  PX: { unitMs: 1, fromNow: true },
  EXAT: { unitMs: 1000, fromNow: false },
  PXAT: { unitMs: 1, fromNow: false },
};

/** The point in time that an argument means, in ms; `name` is for the error. */
export function fieldDueTime(
  call: Call,
  index: number,
  { unitMs, fromNow }: TimeForm,
  name: string,
): number {
  const amount = call.integer(index);
  if (amount < 0) throw expireTimeNegative;
  const startMs = fromNow ? call.now : 0;
  if (amount > Math.floor(LATEST_MS / unitMs)) throw invalidExpire(name);
  if (amount * unitMs > LATEST_MS - startMs) throw invalidExpire(name);
  return amount * unitMs + startMs;
}

/** The name of the form that a word is, null for none. */
export function timeFormAt(call: Call, index: number): string | null {
  for (const form in TIME_FORMS) if (call.is(index, form)) return form;
  return null;
}

/** States that fields went because their new time had passed. */
export function stateRemoved(call: Call, fields: readonly number[]): void {
  if (!call.observed) return;
  const key = call.bytes(1);
  for (const field of fields) {
    call.propagate(["HDEL", key, call.bytes(field)]);
  }
}

/** `word ... FIELDS n field ...` for others. */
export function propagateFields(
  call: Call,
  words: readonly (string | number | Uint8Array)[],
  fields: readonly number[],
): void {
  if (!call.observed) return;
  const names = fields.map((field) => call.bytes(field));
  call.propagate([...words, "FIELDS", names.length, ...names]);
}
