// INCR and its kind: strings that are integers.

import { touchEntry } from "./access";
import { argLen, argPtr } from "./arguments";
import {
  DECREMENT_OVERFLOW,
  NOT_AN_INTEGER,
  OVERFLOW,
  WRONG_TYPE,
} from "./codes";
import { lookupChange } from "./lookup";
import {
  embeddedPtr,
  ENCODING_INT,
  entryDue,
  entryEncoding,
  entryKind,
  entryType,
  hasDue,
  TYPE_STRING,
} from "./entry";
import { parsedInteger, parseInteger } from "./number";
import { replyInteger64 } from "./reply";
import { countChange } from "./statistics";
import { storeInteger, viewBytes, viewPtr, viewString } from "./string";

/** What the last increment led to. */
let incremented: i64 = 0;

/** INCRBY by a 64-bit number: 1, or a code; `incremented` is the result. */
export function incrementBy(db: u32, key: u32, delta: i64): i32 {
  const entry = lookupChange(db, key);
  let value: i64 = 0;
  if (entry) {
    if (entryType(entry) != TYPE_STRING) return WRONG_TYPE;
    if (entryEncoding(entry) == ENCODING_INT) {
      value = load<i64>(embeddedPtr(entry));
    } else {
      viewString(entry);
      if (!parseInteger(viewPtr(), viewBytes())) return NOT_AN_INTEGER;
      value = parsedInteger;
    }
  }
  if (
    delta < 0 ? value < i64.MIN_VALUE - delta : value > i64.MAX_VALUE - delta
  ) {
    return OVERFLOW;
  }
  value += delta;
  incremented = value;
  if (entry && entryKind(entry) == ENCODING_INT) {
    store<i64>(embeddedPtr(entry), value);
    touchEntry(entry);
    countChange();
    return 1;
  }
  const dueMs = entry && hasDue(entry) ? entryDue(entry) : 0;
  const code = storeInteger(db, key, entry, value, dueMs);
  if (code > 0) countChange();
  return code;
}

// @ts-ignore: decorator
@inline
export function incrementedValue(): i64 {
  return incremented;
}

/** Replies with what the last increment led to. */
export function replyIncremented(): void {
  replyInteger64(incremented);
}

/** INCR and DECR: 1 or a code. */
export function incrementOne(db: u32, key: u32, down: i32): i32 {
  return incrementBy(db, key, down ? -1 : 1);
}

/** INCRBY and DECRBY by an argument's number. */
export function incrementByArgument(
  db: u32,
  key: u32,
  delta: u32,
  negate: i32,
): i32 {
  if (!parseInteger(argPtr(delta), argLen(delta))) return NOT_AN_INTEGER;
  const by = parsedInteger;
  if (negate && by == i64.MIN_VALUE) return DECREMENT_OVERFLOW;
  return incrementBy(db, key, negate ? -by : by);
}
