import * as codes from "../engine/rdb_codes.ts";

/**
 * An RDB file or payload is not as it should be. Nothing behind `offset` was
 * read; what was loaded before stays loaded.
 */
export class RdbError extends Error {
  constructor(
    /** Where in the input it was found. */
    readonly offset: number,
    /** What should have stood there, or what is wrong with what does. */
    readonly expected: string,
    /** The key that was being read, one char for each byte. */
    readonly key: string | null,
    /** The type of its value as the file has it; -1 without a key. */
    readonly typeNumber: number,
    /** One of FAULT_..., or 0 for what the file is not to blame for. */
    readonly fault: number,
  ) {
    const where = key === null
      ? ""
      : `, at the ${typeName(typeNumber)} of key '${key}'`;
    super(`offset ${offset}: ${expected}${where}`);
  }

  /** The type as redis-check-rdb calls it; null without a key. */
  get type(): string | null {
    return this.key === null ? null : typeName(this.typeNumber);
  }
}

const EXPECTED: Record<number, string> = {
  [codes.FAULT_END]: "unexpected end, more bytes should follow",
  [codes.FAULT_SIGNATURE]: "expected the signature REDIS",
  [codes.FAULT_VERSION]:
    `expected a format version from 1 to ${codes.RDB_VERSION_MAX}`,
  [codes.FAULT_TYPE]: "expected an opcode or the type of a value",
  [codes.FAULT_LENGTH]: "expected a length",
  [codes.FAULT_TOO_LONG]:
    "expected a length that the rest of the file can hold",
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

export function expectedAt(fault: number): string {
  return EXPECTED[fault] ?? `fault ${fault}`;
}

/** The types of values in files, under the names of redis-check-rdb. */
const TYPES: Record<number, string> = {
  [codes.RDB_STRING]: "string",
  [codes.RDB_LIST]: "list-linked",
  [codes.RDB_SET]: "set-hashtable",
  [codes.RDB_ZSET]: "zset-v1",
  [codes.RDB_HASH]: "hash-hashtable",
  [codes.RDB_ZSET_2]: "zset-v2",
  [codes.RDB_MODULE_PRE_GA]: "module-pre-release",
  [codes.RDB_MODULE_2]: "module-value",
  [codes.RDB_HASH_ZIPMAP]: "hash-zipmap",
  [codes.RDB_LIST_ZIPLIST]: "list-ziplist",
  [codes.RDB_SET_INTSET]: "set-intset",
  [codes.RDB_ZSET_ZIPLIST]: "zset-ziplist",
  [codes.RDB_HASH_ZIPLIST]: "hash-ziplist",
  [codes.RDB_LIST_QUICKLIST]: "quicklist",
  [codes.RDB_STREAM_LISTPACKS]: "stream",
  [codes.RDB_HASH_LISTPACK]: "hash-listpack",
  [codes.RDB_ZSET_LISTPACK]: "zset-listpack",
  [codes.RDB_LIST_QUICKLIST_2]: "quicklist-v2",
  [codes.RDB_STREAM_LISTPACKS_2]: "stream-v2",
  [codes.RDB_SET_LISTPACK]: "set-listpack",
  [codes.RDB_STREAM_LISTPACKS_3]: "stream-v3",
  [codes.RDB_HASH_METADATA_PRE_GA]: "hash-metadata-pre-release",
  [codes.RDB_HASH_LISTPACK_EX_PRE_GA]: "hash-listpack-ex-pre-release",
  [codes.RDB_HASH_METADATA]: "hash-metadata",
  [codes.RDB_HASH_LISTPACK_EX]: "hash-listpack-ex",
};

export function typeName(type: number): string {
  return TYPES[type] ?? "unknown";
}

const NAME_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" +
  "abcdefghijklmnopqrstuvwxyz0123456789-_";

/** The nine letters that a module's number is made of. */
export function moduleName(number: bigint): string {
  let name = "";
  for (let shift = 58n; shift >= 10n; shift -= 6n) {
    name += NAME_CHARS[Number(number >> shift & 63n)];
  }
  return name;
}
