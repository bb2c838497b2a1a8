// The current command's arguments, for TypeScript.

import { argCount, argLen, argPtr } from "./arguments";
import { parsedDouble, parseDouble } from "./double";
import { parsedInteger, parseInteger } from "./number";

export function argumentCount(): u32 {
  return argCount;
}

export function argumentPtr(index: u32): u32 {
  return argPtr(index);
}

export function argumentBytes(index: u32): u32 {
  return argLen(index);
}

/** Whether an argument is a 64-bit integer; `argumentInteger` then reads it. */
export function argumentIsInteger(index: u32): i32 {
  return parseInteger(argPtr(index), argLen(index));
}

export function argumentInteger(): f64 {
  return f64(parsedInteger);
}

/** Whether an argument is a double; `argumentDouble` then reads it. */
export function argumentIsDouble(index: u32): i32 {
  return parseDouble(argPtr(index), argLen(index));
}

export function argumentDouble(): f64 {
  return parsedDouble;
}
