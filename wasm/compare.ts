// Conditions on what a string holds, by its bytes (IFEQ, IFNE) or by its hash
// (IFDEQ, IFDNE), and the hash itself (DIGEST) as sixteen digits.

import { argLen, argPtr } from "./arguments";
import { BAD_DIGEST } from "./codes";
import { sameBytes } from "./entry";
import { replyBulk } from "./reply";
import { getString, peekString, viewBytes, viewPtr } from "./string";
import { xxh3 } from "./xxh3";

const DIGEST_CHARS: u32 = 16;
const digits: u32 = u32(memory.data(16));

/** 1 when the string equals an argument, else 0; MISSING or WRONG_TYPE. */
export function holdsValue(db: u32, key: u32, value: u32): i32 {
  const code = peekString(db, key);
  if (code < 0) return code;
  const byteCount = argLen(value);
  if (viewBytes() != byteCount) return 0;
  return i32(sameBytes(viewPtr(), argPtr(value), byteCount));
}

/**
 * 1 when the string has the hash that an argument says, else 0; MISSING,
 * WRONG_TYPE, or BAD_DIGEST when the argument has not the length of a hash.
 */
export function holdsDigest(db: u32, key: u32, digest: u32): i32 {
  const code = peekString(db, key);
  if (code < 0) return code;
  if (argLen(digest) != DIGEST_CHARS) return BAD_DIGEST;
  writeDigest(xxh3(viewPtr(), viewBytes()));
  const text = argPtr(digest);
  for (let i: u32 = 0; i < DIGEST_CHARS; i++) {
    if (lowerCase(load<u8>(text + i)) != load<u8>(digits + i)) return 0;
  }
  return 1;
}

/** Replies with the hash of a string: 1, or MISSING or WRONG_TYPE. */
export function replyDigest(db: u32, key: u32): i32 {
  const code = getString(db, key);
  if (code < 0) return code;
  writeDigest(xxh3(viewPtr(), viewBytes()));
  replyBulk(digits, DIGEST_CHARS);
  return 1;
}

function writeDigest(hash: u64): void {
  for (let i: u32 = 0; i < DIGEST_CHARS; i++) {
    const digit = u8(hash >> 60);
    store<u8>(digits + i, digit < 10 ? 0x30 + digit : 0x57 + digit);
    hash <<= 4;
  }
}

// @ts-ignore: decorator
@inline
function lowerCase(char: u8): u8 {
  return char >= 0x41 && char <= 0x46 ? char + 0x20 : char;
}
