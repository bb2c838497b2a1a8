import * as codes from "./rdb_codes.ts";

/** What should have stood where the reader of RDB found something else. */
const EXPECTED: Record<number, string> = {
  [codes.FAULT_END]: "expected more bytes",
  [codes.FAULT_SIGNATURE]: "expected the signature REDIS",
  [codes.FAULT_VERSION]:
    `expected a format version from 1 to ${codes.RDB_VERSION_MAX}`,
  [codes.FAULT_TYPE]: "expected an opcode or the type of a value",
  [codes.FAULT_LENGTH]: "expected a length",
  [codes.FAULT_TOO_LONG]:
    "expected a length that the rest of the input can hold",
  [codes.FAULT_STRING_ENCODING]: "expected a known encoding of a string",
  [codes.FAULT_LZF]: "expected LZF that makes as many bytes as it says",
  [codes.FAULT_SCORE]: "expected a score that is a number",
  [codes.FAULT_LISTPACK]: "expected a sound listpack",
  [codes.FAULT_ZIPLIST]: "expected a sound ziplist",
  [codes.FAULT_ZIPMAP]: "expected a sound zipmap",
  [codes.FAULT_INTSET]: "expected a sound intset in ascending order",
  [codes.FAULT_DUPLICATE_ELEMENT]: "expected each element only once",
  [codes.FAULT_PAIRS]: "expected elements in pairs",
  [codes.FAULT_ORDER]: "expected the members in the order of their scores",
  [codes.FAULT_NODE]: "expected a list's node to be plain or packed",
  [codes.FAULT_FIELD_DUE]: "expected the due time of a field",
  [codes.FAULT_DUPLICATE_KEY]: "expected each key only once",
  [codes.FAULT_CHECKSUM]: "expected the checksum of what stands before it",
  [codes.FAULT_STREAM]: "streams cannot be loaded",
  [codes.FAULT_MODULE]: "values of modules cannot be loaded",
  [codes.FAULT_PRE_RELEASE]:
    "a form that only versions of Redis before their release wrote",
  [codes.FAULT_MODULE_DATA]: "expected data of a module",
  [codes.FAULT_REST]: "expected nothing behind the value",
  [codes.FAULT_EMPTY]: "expected a collection that has elements",
};

/** The words that Redis's logs have for it, for whoever looks for them. */
const REDIS_WORDS: Record<number, string> = {
  [codes.FAULT_END]: "Unexpected EOF reading RDB file",
  [codes.FAULT_TOO_LONG]: "Unexpected EOF reading RDB file",
  [codes.FAULT_SIGNATURE]: "Wrong signature trying to load DB from file",
  [codes.FAULT_VERSION]: "Can't handle RDB format version",
  [codes.FAULT_TYPE]: "Invalid object type",
  [codes.FAULT_LZF]: "Invalid LZF compressed string",
  [codes.FAULT_ZIPMAP]: "Zipmap integrity check failed.",
  [codes.FAULT_INTSET]: "Intset integrity check failed.",
  [codes.FAULT_NODE]: "Quicklist integrity check failed.",
  [codes.FAULT_CHECKSUM]: "RDB CRC error",
};

/** What is kept in one blob, as Redis calls it when the blob is not sound. */
const BLOBS: Record<number, string> = {
  [codes.RDB_LIST_ZIPLIST]: "List ziplist",
  [codes.RDB_LIST_QUICKLIST]: "Ziplist",
  [codes.RDB_LIST_QUICKLIST_2]: "Listpack",
  [codes.RDB_HASH_ZIPMAP]: "Zipmap",
  [codes.RDB_HASH_ZIPLIST]: "Hash ziplist",
  [codes.RDB_HASH_LISTPACK]: "Hash listpack",
  [codes.RDB_HASH_LISTPACK_EX]: "Hash listpack",
  [codes.RDB_ZSET_ZIPLIST]: "Zset ziplist",
  [codes.RDB_ZSET_LISTPACK]: "Zset listpack",
  [codes.RDB_SET_LISTPACK]: "Set listpack",
};

const BLOB_FAULTS: readonly number[] = [
  codes.FAULT_LISTPACK,
  codes.FAULT_ZIPLIST,
  codes.FAULT_DUPLICATE_ELEMENT,
  codes.FAULT_PAIRS,
  codes.FAULT_ORDER,
  codes.FAULT_SCORE,
];

/** What is wrong with a value of this type, or with anything for -1. */
export function faultText(fault: number, type: number): string {
  const expected = EXPECTED[fault] ?? `fault ${fault}`;
  const words = REDIS_WORDS[fault] ??
    (BLOB_FAULTS.includes(fault) && type in BLOBS
      ? `${BLOBS[type]} integrity check failed.`
      : undefined);
  return words === undefined ? expected : `${words} (${expected})`;
}
