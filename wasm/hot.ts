// Hot commands: what the batch loop executes by itself, without TypeScript.
//
// An operation gets the arguments of a command in its plain form. It does and
// replies what the command's handler would, or returns false and has touched
// nothing: then the handler does it all, errors included.
//
// A command in its plain form has at most four arguments and waits in a record
// for its turn (RECORDED); a longer one is executed as soon as it was parsed
// and all before it are done (LONE).

import { usedBytes } from "./allocator";
import { argCount, argLen } from "./arguments";
import {
  HOT_GET,
  HOT_INCR,
  HOT_MSET,
  HOT_PFADD,
  HOT_PFCOUNT,
  HOT_PING,
  HOT_SET,
  MISSING,
} from "./codes";
import { addElements, replyCardinality } from "./hyperloglog";
import { incrementBy, incrementedValue } from "./increment";
import {
  replyBulk,
  replyInteger64,
  replyNull,
  replyOk,
  replyPong,
} from "./reply";
import { uncountHit } from "./statistics";
import { getString, setString, viewBytes, viewPtr } from "./string";
import { setStrings } from "./strings";

/** The forms of a parsed command. */
export const NOT_HOT: u32 = 0;
export const RECORDED: u32 = 1;
export const LONE: u32 = 2;

/** Longer values are written by TypeScript straight from where they lie. */
const HOT_VALUE_MAX_BYTES: u32 = 16 * 1024;

let memoryLimit: f64 = Infinity;

/** Hot writes stop here above so many used bytes; TypeScript then decides. */
export function setMemoryLimit(byteCount: f64): void {
  memoryLimit = byteCount;
}

// @ts-ignore: decorator
@inline
function mayGrow(): bool {
  return usedBytes() <= memoryLimit;
}

// @ts-ignore: decorator
@inline
function recordedIf(isPlain: bool): u32 {
  return isPlain ? RECORDED : NOT_HOT;
}

/** The form that the parsed command has for an operation, 0 for none. */
// @ts-ignore: decorator
@inline
export function hotForm(operation: u32): u32 {
  switch (operation) {
    case HOT_GET:
    case HOT_INCR:
      return recordedIf(argCount == 2);
    case HOT_SET:
      return recordedIf(argCount == 3 && argLen(2) <= HOT_VALUE_MAX_BYTES);
    case HOT_PING:
      return recordedIf(argCount == 1);
    case HOT_PFADD:
      return argCount > 4 ? LONE : recordedIf(argCount > 1);
    case HOT_PFCOUNT:
      return recordedIf(argCount == 2);
    case HOT_MSET:
      return argCount & 1 && argCount > 1 ? LONE : NOT_HOT;
    default:
      return NOT_HOT;
  }
}

/** Executes a hot command; false leaves it, untouched, to TypeScript. */
// @ts-ignore: decorator
@inline
export function executeHot(db: u32, operation: u32): bool {
  switch (operation) {
    case HOT_GET:
      return get(db);
    case HOT_SET:
      return set(db);
    case HOT_INCR:
      return increment(db);
    case HOT_PING:
      replyPong();
      return true;
    case HOT_MSET:
      return setMany(db);
    case HOT_PFADD:
      return addToHyperLogLog(db);
    case HOT_PFCOUNT:
      return countHyperLogLog(db);
    default:
      return false;
  }
}

// @ts-ignore: decorator
@inline
function get(db: u32): bool {
  const code = getString(db, 1);
  if (code == MISSING) {
    replyNull();
    return true;
  }
  if (code < 0 || viewBytes() > HOT_VALUE_MAX_BYTES) {
    uncountHit();
    return false;
  }
  replyBulk(viewPtr(), viewBytes());
  return true;
}

// @ts-ignore: decorator
@inline
function set(db: u32): bool {
  if (!mayGrow()) return false;
  if (setString(db, 1, 2, 0, 0) < 0) return false;
  replyOk();
  return true;
}

// @ts-ignore: decorator
@inline
function increment(db: u32): bool {
  if (!mayGrow()) return false;
  if (incrementBy(db, 1, 1) < 0) return false;
  replyInteger64(incrementedValue());
  return true;
}

// @ts-ignore: decorator
@inline
function setMany(db: u32): bool {
  if (!mayGrow()) return false;
  if (setStrings(db, 1, (argCount - 1) >> 1, 0, 0) < 0) return false;
  replyOk();
  return true;
}

function addToHyperLogLog(db: u32): bool {
  if (!mayGrow()) return false;
  const code = addElements(db, 1, 2);
  if (code < 0) return false;
  replyInteger64(code);
  return true;
}

function countHyperLogLog(db: u32): bool {
  if (replyCardinality(db, 1) >= 0) return true;
  uncountHit();
  return false;
}
