// The numbers of the RDB format, as Redis 7.2 (and 7.4 for due times of fields)
// gives them. They are plain constants, so that TypeScript reads this same
// file.
//
//   file:    REDIS0010 | records | EOF | u64 CRC64 of all that stands before
//   record:  an opcode and what belongs to it, or an entry:
//            [EXPIRETIME_MS i64] [IDLE length | FREQ u8] type key value
//   length:  00nnnnnn, 01nnnnnn x8, 10000000 u32 or 10000001 u64, the last two
//            big-endian; 11nnnnnn says how a string is written instead
//   string:  length, bytes; or one of the STRING_ forms
//
// Numbers are little-endian where nothing else is said.

/** Redis 7.0 reads this version; it can say all but due times of fields. */
export const RDB_VERSION = 10;
/** The version that knows due times of fields: Redis 7.4. */
export const RDB_VERSION_FIELD_DUE = 12;
/** The newest version that is read. */
export const RDB_VERSION_MAX = 12;

// Opcodes.

export const RDB_SLOT_INFO = 244;
export const RDB_FUNCTION = 245;
export const RDB_FUNCTION_PRE_GA = 246;
export const RDB_MODULE_AUX = 247;
export const RDB_IDLE = 248;
export const RDB_FREQUENCY = 249;
export const RDB_AUX = 250;
export const RDB_RESIZE = 251;
export const RDB_DUE_MS = 252;
export const RDB_DUE_SECONDS = 253;
export const RDB_SELECT = 254;
export const RDB_END = 255;

// Types of entries.

export const RDB_STRING = 0;
export const RDB_LIST = 1;
export const RDB_SET = 2;
/** Scores as text. */
export const RDB_ZSET = 3;
export const RDB_HASH = 4;
/** Scores as doubles. */
export const RDB_ZSET_2 = 5;
export const RDB_MODULE_PRE_GA = 6;
export const RDB_MODULE_2 = 7;
export const RDB_HASH_ZIPMAP = 9;
export const RDB_LIST_ZIPLIST = 10;
export const RDB_SET_INTSET = 11;
export const RDB_ZSET_ZIPLIST = 12;
export const RDB_HASH_ZIPLIST = 13;
/** Nodes are ziplists. */
export const RDB_LIST_QUICKLIST = 14;
export const RDB_STREAM_LISTPACKS = 15;
export const RDB_HASH_LISTPACK = 16;
export const RDB_ZSET_LISTPACK = 17;
/** Nodes are listpacks or single elements, as the number before each says. */
export const RDB_LIST_QUICKLIST_2 = 18;
export const RDB_STREAM_LISTPACKS_2 = 19;
export const RDB_SET_LISTPACK = 20;
export const RDB_STREAM_LISTPACKS_3 = 21;
export const RDB_HASH_METADATA_PRE_GA = 22;
export const RDB_HASH_LISTPACK_EX_PRE_GA = 23;
/**
 * Earliest due time in ms, count, then of each field: 0 or its due time less
 * the earliest plus 1, name, value.
 */
export const RDB_HASH_METADATA = 24;
/** Earliest due time in ms, then a listpack of field, value and due time. */
export const RDB_HASH_LISTPACK_EX = 25;

// Nodes of a list.

export const RDB_NODE_PLAIN = 1;
export const RDB_NODE_PACKED = 2;

// First bytes of lengths, and of strings that do not begin with a length.

export const RDB_LENGTH_14 = 0x40;
export const RDB_LENGTH_32 = 0x80;
export const RDB_LENGTH_64 = 0x81;
export const RDB_STRING_INT8 = 0xc0;
export const RDB_STRING_INT16 = 0xc1;
export const RDB_STRING_INT32 = 0xc2;
/** Compressed: length with LZF, length without it, LZF. */
export const RDB_STRING_LZF = 0xc3;

// How data is recorded: for an RDB file, or as commands that make it anew.

export const RECORD_RDB = 0;
export const RECORD_COMMANDS = 1;

// What is recorded about the use of keys.

export const USE_UNKNOWN = 0;
export const USE_IDLE = 1;
export const USE_FREQUENCY = 2;
