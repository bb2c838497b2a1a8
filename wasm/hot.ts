// Hot commands: what the batch loop executes by itself, without TypeScript.
//
// An operation gets the arguments of a command in its plain form. It does and
// replies what the command's handler would, or returns false and has touched
// nothing: then the handler does it all, errors included.
//
// A command in its plain form has at most four arguments and waits in a record
// for its turn (RECORDED); a longer one is executed as soon as it was parsed
// and all before it are done (LONE).

import { argCount, argLen } from "./arguments";
import { MISSING } from "./codes";
import { hashReplyField, hashSet } from "./hashes";
import {
  HOT_BLPOP,
  HOT_BRPOP,
  HOT_GET,
  HOT_HGET,
  HOT_HSET,
  HOT_INCR,
  HOT_LPOP,
  HOT_LPUSH,
  HOT_MSET,
  HOT_PFADD,
  HOT_PFCOUNT,
  HOT_PING,
  HOT_RPOP,
  HOT_RPUSH,
  HOT_SADD,
  HOT_SET,
  HOT_SPOP,
  HOT_ZADD,
  HOT_ZPOPMIN,
} from "./hot_codes";
import { addElements, replyCardinality } from "./hyperloglog";
import { incrementBy, incrementedValue } from "./increment";
import { popOne as popFromList, popWithKey, pushOne } from "./list";
import {
  replyBulk,
  replyInteger,
  replyInteger64,
  replyNull,
  replyOk,
  replyPong,
} from "./reply";
import { addOne as addToSet } from "./set";
import { popOne as popFromSet } from "./set_pop";
import { uncountHit } from "./statistics";
import { getString, setString, viewBytes, viewPtr } from "./string";
import { setStrings } from "./strings";
import { beginWait, NOT_PLAIN, plainTimeout } from "./waits";
import { addOne as addToSortedSet } from "./zset";
import { popOne as popFromSortedSet } from "./zset_pop";

/** The forms of a parsed command. */
export const NOT_HOT: u32 = 0;
export const RECORDED: u32 = 1;
const LONE: u32 = 2;

/** Longer values are written by TypeScript straight from where they lie. */
const HOT_VALUE_MAX_BYTES: u32 = 16 * 1024;

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
    case HOT_LPOP:
    case HOT_RPOP:
    case HOT_SPOP:
    case HOT_ZPOPMIN:
      return recordedIf(argCount == 2);
    case HOT_LPUSH:
    case HOT_RPUSH:
    case HOT_SADD:
    case HOT_HGET:
    case HOT_BLPOP:
    case HOT_BRPOP:
      return recordedIf(argCount == 3);
    case HOT_HSET:
    case HOT_ZADD:
      return recordedIf(argCount == 4);
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
    case HOT_LPUSH:
      return push(db, true);
    case HOT_RPUSH:
      return push(db, false);
    case HOT_LPOP:
      return pop(db, true);
    case HOT_RPOP:
      return pop(db, false);
    case HOT_SADD:
      return counted(addToSet(db, 1, 2));
    case HOT_SPOP:
      return popFromSet(db, 1) >= 0;
    case HOT_HSET:
      return counted(hashSet(db, 1, 2, 3));
    case HOT_HGET:
      return getField(db);
    case HOT_ZADD:
      return counted(addToSortedSet(db, 1, 2, 3));
    case HOT_ZPOPMIN:
      return popFromSortedSet(db, 1, 0) >= 0;
    case HOT_BLPOP:
      return popOrWait(db, operation, true);
    case HOT_BRPOP:
      return popOrWait(db, operation, false);
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
  if (setString(db, 1, 2, 0, 0) < 0) return false;
  replyOk();
  return true;
}

// @ts-ignore: decorator
@inline
function increment(db: u32): bool {
  if (incrementBy(db, 1, 1) < 0) return false;
  replyInteger64(incrementedValue());
  return true;
}

// @ts-ignore: decorator
@inline
function setMany(db: u32): bool {
  if (setStrings(db, 1, (argCount - 1) >> 1, 0, 0) < 0) return false;
  replyOk();
  return true;
}

function addToHyperLogLog(db: u32): bool {
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

// @ts-ignore: decorator
@inline
function counted(count: i32): bool {
  if (count < 0) return false;
  replyInteger64(count);
  return true;
}

// @ts-ignore: decorator
@inline
function push(db: u32, atHead: bool): bool {
  const length = pushOne(db, 1, 2, atHead);
  if (length < 0) return false;
  replyInteger(length);
  return true;
}

// @ts-ignore: decorator
@inline
function pop(db: u32, atHead: bool): bool {
  const code = popFromList(db, 1, atHead);
  if (code == MISSING) replyNull();
  return code > 0 || code == MISSING;
}

/** The timeout counts only for who waits, but has to be one. */
function popOrWait(db: u32, operation: u32, atHead: bool): bool {
  const seconds = plainTimeout();
  if (seconds == NOT_PLAIN) return false;
  const code = popWithKey(db, 1, -1, atHead);
  return code > 0 || code == MISSING && beginWait(db, operation, seconds);
}

// @ts-ignore: decorator
@inline
function getField(db: u32): bool {
  if (hashReplyField(db, 1, 2) >= 0) return true;
  uncountHit();
  return false;
}
