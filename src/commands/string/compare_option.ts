/**
 * Conditions on the value that is there, as SET and DELEX say them: equal or
 * not (IFEQ, IFNE), or with this hash or not (IFDEQ, IFDNE).
 */
import { MISSING } from "../../keyspace/keyspace.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";

export type CompareOption = "IFEQ" | "IFNE" | "IFDEQ" | "IFDNE";

const OPTIONS: readonly CompareOption[] = ["IFEQ", "IFNE", "IFDEQ", "IFDNE"];

/** Which of the options a word is; null for none. */
export function compareOption(call: Call, index: number): CompareOption | null {
  for (const option of OPTIONS) if (call.is(index, option)) return option;
  return null;
}

/** Whether an option asks for another value than the one it names. */
export function isNegative(option: CompareOption): boolean {
  return option === "IFNE" || option === "IFDNE";
}

/**
 * Whether the condition that the word at `operand` states holds for key 1, or
 * MISSING. Throws when there is no string, or the word can be no hash.
 */
export function compare(
  call: Call,
  option: CompareOption,
  operand: number,
): boolean | typeof MISSING {
  const byDigest = option === "IFDEQ" || option === "IFDNE";
  const found = byDigest
    ? call.db.holdsDigest(1, operand)
    : call.db.holdsValue(1, operand);
  if (found === MISSING) return MISSING;
  return (found === 1) !== isNegative(option);
}

/** The alternatives, for a command's manual page. */
export const compareArguments: readonly Argument[] = [
  arg.string("ifeq-value").token("IFEQ"),
  arg.string("ifne-value").token("IFNE"),
  arg.string("ifdeq-digest").token("IFDEQ"),
  arg.string("ifdne-digest").token("IFDNE"),
];
