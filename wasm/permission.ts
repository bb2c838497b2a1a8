// What a user may have executed by the batch loop (run.ts) itself.
//
//   permission ->  u32 operations that may have any key, or have none, a bit each
//                  u32 operations that may have the keys of patterns
//                  u32 count of patterns | u32 reserved
//                  32 x u8 how far an operation's keys are apart, 0 if it has one
//                  pattern | pattern | ...
//
//   pattern        u32 operations that it is for | u32 kind | u32 byte count |
//                  bytes, and up to three more, so that the next one is aligned
//
// TypeScript decides what is in it (src/acl/hot_rights.ts), writes it
// (src/engine/permission.ts) and owns the block. An operation that is not
// permitted here need not be forbidden: it is handed over, and asked about there.
//
// Keys begin with argument 1 and go on to the last argument.

import { alloc, free } from "./allocator";
import { argCount, argLen, argPtr } from "./arguments";
import {
  PERMISSION_EXACT,
  PERMISSION_OPERATIONS,
  PERMISSION_PREFIX,
} from "./codes";
import { sameBytes } from "./entry";
import { globMatch } from "./glob";

const OPERATIONS_MAX: u32 = PERMISSION_OPERATIONS;

const WITH_PATTERN: usize = 4;
const PATTERN_COUNT: usize = 8;
const KEY_STEPS: usize = 16;
const PATTERNS: u32 = 48;

const KIND: usize = 4;
const BYTE_COUNT: usize = 8;
const BYTES: u32 = 12;

/** A block for a permission, to be written by TypeScript; 0 without memory. */
export function permissionNew(byteCount: u32): u32 {
  return alloc(byteCount);
}

export function permissionFree(permission: u32): void {
  free(permission);
}

/** Whether the parsed command may be executed as this operation. */
export function isPermitted(permission: u32, operation: u32): bool {
  if (operation >= OPERATIONS_MAX) return false;
  const bit: u32 = 1 << operation;
  if (load<u32>(permission) & bit) return true;
  if (!(load<u32>(permission, WITH_PATTERN) & bit)) return false;
  const step: u32 = load<u8>(permission + operation, KEY_STEPS);
  if (!step) return isKeyPermitted(permission, bit, 1);
  for (let key: u32 = 1; key < argCount; key += step) {
    if (!isKeyPermitted(permission, bit, key)) return false;
  }
  return true;
}

function isKeyPermitted(permission: u32, bit: u32, key: u32): bool {
  const ptr = argPtr(key);
  const byteCount = argLen(key);
  let at = permission + PATTERNS;
  for (let left = load<u32>(permission, PATTERN_COUNT); left; left--) {
    const patternBytes = load<u32>(at, BYTE_COUNT);
    if (load<u32>(at) & bit && matches(at, patternBytes, ptr, byteCount)) {
      return true;
    }
    at += BYTES + ((patternBytes + 3) & ~3);
  }
  return false;
}

// @ts-ignore: decorator
@inline
function matches(
  pattern: u32,
  patternBytes: u32,
  ptr: u32,
  byteCount: u32,
): bool {
  const kind = load<u32>(pattern, KIND);
  if (kind == PERMISSION_PREFIX) {
    return byteCount >= patternBytes &&
      sameBytes(pattern + BYTES, ptr, patternBytes);
  }
  if (kind == PERMISSION_EXACT) {
    return byteCount == patternBytes &&
      sameBytes(pattern + BYTES, ptr, patternBytes);
  }
  return globMatch(pattern + BYTES, patternBytes, ptr, byteCount, false);
}
