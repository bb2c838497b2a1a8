// Conditions of the world that an engine operation returns. They are plain
// constants, so that TypeScript reads this same file. A trap means a bug.

/** No memory for it; nothing was changed. */
export const OUT_OF_MEMORY = -1;
/** The key holds another type. */
export const WRONG_TYPE = -2;
/** The value or argument is no 64-bit integer. */
export const NOT_AN_INTEGER = -3;
/** The result would not fit in 64 bits. */
export const OVERFLOW = -4;
/** The string would be longer than proto-max-bulk-len allows. */
export const TOO_LONG = -5;
/** The key does not exist. */
export const MISSING = -6;
/** Redis's table for these two strings would exceed proto-max-bulk-len. */
export const LCS_TOO_LARGE = -8;
/** No memory for the table of a longest common subsequence. */
export const LCS_NO_MEMORY = -9;
/** The value of a hash's field is no 64-bit integer. */
export const FIELD_NOT_AN_INTEGER = -10;

/** The list has no element at this index. */
export const NO_INDEX = -100;

// Errors of a client's request stream, found by the parser; the client gets the
// text and is disconnected, because its next bytes cannot be understood.

/** A line without an end is longer than an inline request may be. */
export const TOO_BIG_INLINE_REQUEST = -40;
/** An inline request ends inside quotes, or text follows a closing quote. */
export const UNBALANCED_QUOTES = -41;
/** The line that counts the arguments has no end. */
export const TOO_BIG_COUNT_LINE = -42;
/** The count of arguments is no integer or too large. */
export const INVALID_COUNT = -43;
/** More arguments than a client may send before it has authenticated. */
export const UNAUTHENTICATED_COUNT = -44;
/** The line that announces an argument's length has no end. */
export const TOO_BIG_BULK_LINE = -45;
/** An argument does not begin with '$'; `errorByte` is what stood there. */
export const EXPECTED_DOLLAR = -46;
/** An argument's length is no integer, negative or too large. */
export const INVALID_BULK_LENGTH = -47;
/** A longer argument than a client may send before it has authenticated. */
export const UNAUTHENTICATED_BULK_LENGTH = -48;
/** In a log, neither a command nor a remark begins; `errorByte` stood there. */
export const EXPECTED_STAR = -49;
/** DECRBY by the smallest integer, which has no opposite. */
export const DECREMENT_OVERFLOW = -7;

// Arguments of bit operations that make no sense.

/** A bit offset is no integer, negative, or beyond the longest string. */
export const BIT_OFFSET = -60;
/** A bit is neither 0 nor 1. */
export const BIT_VALUE = -61;
/** The type of a bit field is not i1 to i64 or u1 to u63. */
export const FIELD_TYPE = -62;

// HyperLogLogs, which are strings of a certain form.

/** A string is no HyperLogLog. */
export const NOT_A_HLL = -90;
/** The runs of a sparse HyperLogLog do not cover its registers. */
export const HLL_CORRUPT = -91;
/** PFDEBUG DECODE of a HyperLogLog that is dense. */
export const HLL_NOT_SPARSE = -92;

/** SORT by numbers met a text. */
export const SORT_WEIGHT = -93;
/** A hash to compare with has not sixteen digits. */
export const BAD_DIGEST = -63;
// Scores and ranges of sorted sets.

/** A score is no number. */
export const SCORE_NOT_A_FLOAT = -80;
/** Infinity and its opposite were added. */
export const SCORE_IS_NAN = -81;
/** A bound by score is no number. */
export const RANGE_NOT_A_FLOAT = -82;
/** A bound by name is not in the form of one. */
export const RANGE_NOT_A_STRING = -83;
/** The weight of an input is no number. */
export const WEIGHT_NOT_A_FLOAT = -84;

/** RESTORE while a file is being loaded: there is one reader. */
export const RESTORE_BUSY = -71;

// What `run` returns when it is not a command's id.

/** The input is used up. */
export const RUN_DONE = -1;
/** Replies wait to be taken; call again. */
export const RUN_OUTPUT_FULL = -2;
/** A whole command whose name the table does not have. */
export const RUN_UNKNOWN = -3;
/** The input breaks the protocol; `protocolError` tells how. */
export const RUN_PROTOCOL_ERROR = -4;

/** Room for what clients send in one turn of the loop (gathered.ts), ... */
export const GATHERED_BYTES = 131072;
/** ... and for how many chunks of it, */
export const GATHERED_SHARES = 1024;
/** described in so many bytes each. */
export const GATHERED_SHARE_BYTES = 52;
/** So many clients that have waited can be served in one run of them, ... */
export const GATHERED_SERVED = 256;
/** ... each told of in so many bytes. */
export const GATHERED_SERVED_BYTES = 16;

// Permissions (permission.ts).

/** Operations that one can tell of: a bit each. */
export const PERMISSION_OPERATIONS = 32;
/** A key is permitted that matches the pattern, ... */
export const PERMISSION_GLOB = 0;
/** ... begins with it, ... */
export const PERMISSION_PREFIX = 1;
/** ... or is the same. */
export const PERMISSION_EXACT = 2;

// Who sends the bytes that are parsed, and how far he is trusted.

export const UNAUTHENTICATED = 0;
export const CLIENT = 1;
/** The primary that we follow: no limit on the length of its arguments. */
export const PRIMARY = 2;
/** A log of our own: commands are arrays, and `#` begins a line of remarks. */
export const FILE = 3;

// What SETBIT's operation adds to the bit that was there before.

export const BIT_CHANGED = 2;

// What BITOP does to its sources.

export const BITOP_AND = 0;
export const BITOP_OR = 1;
export const BITOP_XOR = 2;
export const BITOP_NOT = 3;
/** Of the first source, what no other one has. */
export const BITOP_DIFF = 4;
/** Of the others, what the first source has not. */
export const BITOP_DIFF1 = 5;
/** Of the first source, what any other one has too. */
export const BITOP_ANDOR = 6;
/** What exactly one source has. */
export const BITOP_ONE = 7;

// What BITFIELD does with a value that a field cannot hold.

export const OVERFLOW_WRAP = 0;
export const OVERFLOW_SAT = 1;
export const OVERFLOW_FAIL = 2;

// What the journal notes of a key, in the place of a field's length.

/** The key was due. */
export const NOTED_KEY = 0xffffffff;
/** The last field was due and has been noted before. */
export const NOTED_EMPTIED = 0xfffffffe;
/** Every field of the hash was due; they are not noted one by one. */
export const NOTED_HASH = 0xfffffffd;
/** A new key: only with NOTICE_NEW. */
export const NOTED_NEW = 0xfffffffc;
/** A read has not found a key: only with NOTICE_MISSED. */
export const NOTED_MISSED = 0xfffffffb;
/** The key was evicted. What is less is the length of a field. */
export const NOTED_EVICTED = 0xfffffffa;

/** What the journal notes beside what was due. */
export const NOTICE_NEW = 1;
export const NOTICE_MISSED = 2;

// What has become of a key that clients have in their caches, in bits.

/** It has changed, or has gone. */
export const TRACKED_CHANGE = 1;
/** No client has done it: its time had come, or room was needed. */
export const TRACKED_SELF = 2;
/** It begins with a prefix of which all keys are told. */
export const TRACKED_BROADCAST = 4;
/** It is no key: all have gone. */
export const TRACKED_ALL = 8;

// What the algebra of sets makes of its sources.

export const SET_INTERSECTION = 0;
export const SET_UNION = 1;
export const SET_DIFFERENCE = 2;
// Conditions and ways of ZADD.

export const ADD_ONLY_NEW = 1;
export const ADD_ONLY_OLD = 2;
export const ADD_ONLY_GREATER = 4;
export const ADD_ONLY_LESS = 8;
export const ADD_INCREMENT = 16;
/** The reply counts changed scores too. */
export const ADD_COUNT_CHANGED = 32;

// What a range of a sorted set goes by.

export const RANGE_BY_RANK = 0;
export const RANGE_BY_SCORE = 1;
export const RANGE_BY_NAME = 2;

// How sorted sets are combined, and the scores of a member that several have.

export const COMBINE_UNION = 0;
export const COMBINE_INTERSECTION = 1;
export const COMBINE_DIFFERENCE = 2;
export const AGGREGATE_SUM = 0;
export const AGGREGATE_MIN = 1;
export const AGGREGATE_MAX = 2;
/** Scores do not matter: each input brings its weight. */
export const AGGREGATE_COUNT = 3;

// How a pop from a sorted set replies: members and scores in a row, in pairs,
// or in a row whose header the caller has written.

export const POP_FLAT = 0;
export const POP_PAIRS = 1;
export const POP_BARE = 2;

// In what order a geo search gives what it has found.

export const GEO_AS_FOUND = 0;
export const GEO_NEAREST = 1;
export const GEO_FARTHEST = 2;

// What a geo search says about each member.

export const GEO_WITH_DISTANCE = 1;
export const GEO_WITH_HASH = 2;
export const GEO_WITH_POSITION = 4;

// Where the map ends: the square world of Mercator's projection.

export const LONGITUDE_MAX = 180.0;
export const LATITUDE_MAX = 85.05112878;

// How SORT sorts.

export const SORT_DESCENDING = 1;
/** By texts and not by numbers. */
export const SORT_TEXTS = 2;
/** Not at all: the elements stay in the order that they have. */
export const SORT_AS_IS = 4;

// What a step of a snapshot returns, beside OUT_OF_MEMORY.

/** There is more to record. */
export const SNAPSHOT_MORE = 0;
/** All that there was is in the sink. */
export const SNAPSHOT_DONE = 1;
/** No snapshot can begin: two are running. */
export const SNAPSHOT_BUSY = -110;

// Whom eviction chooses (maxmemory-policy), and of which keys.

export const EVICT_NOBODY = 0;
export const EVICT_UNUSED = 1;
export const EVICT_RANDOM = 2;
/** Who is due next. */
export const EVICT_DUE = 3;

// How far an eviction has come.

/** There is room now. */
export const EVICTION_DONE = 0;
/** It has used up its steps. */
export const EVICTION_UNFINISHED = 1;
/** There is nobody left who may be evicted. */
export const EVICTION_EXHAUSTED = 2;
