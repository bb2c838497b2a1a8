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

function typeName(type: number): string {
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
