import * as codes from "../../wasm/codes.ts";

/**
 * A condition of the world that stops a command: no memory, another type, no
 * number. Thrown before anything has changed; dispatch turns it into the
 * client's error.
 */
export class Condition {
  constructor(readonly code: number) {}
}

const thrown = new Map<number, Condition>();

/** Hands a result on, or throws the condition that its code names. */
export function checked(result: number): number {
  if (result >= 0 || result === codes.MISSING) return result;
  let condition = thrown.get(result);
  if (!condition) thrown.set(result, condition = new Condition(result));
  throw condition;
}

export const MISSING = codes.MISSING;
