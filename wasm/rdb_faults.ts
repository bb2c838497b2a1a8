// Loading an RDB file: what a step comes to, and what can be wrong. Plain
// constants: TypeScript reads this same file.

// What `loadStep` returns.

/** All has been read, the checksum too. */
export const LOAD_DONE = 0;
/** More bytes are needed. */
export const LOAD_MORE = 1;
/** The budget is used up; call again. */
export const LOAD_BUDGET = 2;
/** A database is selected: say which one it is (`loadInto`). */
export const LOAD_SELECT = 3;
/** A field about the file: its name and its value can be looked at. */
export const LOAD_AUX = 4;
/** A library of functions: its code can be looked at as a value. */
export const LOAD_FUNCTION = 5;
/** Data of a module were skipped; its number is in the value. */
export const LOAD_MODULE_AUX = 6;
/** A collection without elements was skipped; the name can be looked at. */
export const LOAD_EMPTY_KEY = 7;
/** The file is not as it should be: `loadFault` tells. */
export const LOAD_CORRUPT = -70;

// What is wrong.

export const FAULT_NONE = 0;
/** The input ends in the middle. */
export const FAULT_END = 1;
export const FAULT_SIGNATURE = 2;
export const FAULT_VERSION = 3;
/** A byte that is neither an opcode nor a type. */
export const FAULT_TYPE = 4;
/** A length begins with bits that mean nothing, or a number should stand. */
export const FAULT_LENGTH = 5;
/** A string or collection is longer than what is left of the input. */
export const FAULT_TOO_LONG = 6;
export const FAULT_STRING_ENCODING = 7;
export const FAULT_LZF = 8;
/** A score is not a number. */
export const FAULT_SCORE = 9;
export const FAULT_LISTPACK = 10;
export const FAULT_ZIPLIST = 11;
export const FAULT_ZIPMAP = 12;
export const FAULT_INTSET = 13;
/** A set, hash or sorted set has an element twice. */
export const FAULT_DUPLICATE_ELEMENT = 14;
/** A field without a value, or a member without a score. */
export const FAULT_PAIRS = 15;
/** A sorted set in a listpack is not in order. */
export const FAULT_ORDER = 16;
/** A list's node is neither plain nor packed. */
export const FAULT_NODE = 17;
/** A due time of a field is out of range. */
export const FAULT_FIELD_DUE = 18;
export const FAULT_DUPLICATE_KEY = 19;
export const FAULT_CHECKSUM = 20;
export const FAULT_STREAM = 21;
export const FAULT_MODULE = 22;
/** A form that only versions of Redis before a release wrote. */
export const FAULT_PRE_RELEASE = 23;
export const FAULT_MODULE_DATA = 24;
/** Bytes behind the value of a payload. */
export const FAULT_REST = 25;
/** A collection without elements, in a payload. */
export const FAULT_EMPTY = 26;

// How a file is loaded.

/** Check the checksum. */
export const LOAD_SUM = 1;
/** Load keys that are due already, as the base of a log needs it. */
export const LOAD_EXPIRED = 2;
/** A key that is there already is replaced; else it is a fault. */
export const LOAD_REPLACE = 4;
/** Load nothing: values are made, counted and dropped. */
export const LOAD_CHECK_ONLY = 8;

// What came of the checksum.

/** The version has none. */
export const LOAD_CHECKSUM_ABSENT = 0;
export const LOAD_CHECKSUM_GOOD = 1;
/** The file was written without one. */
export const LOAD_CHECKSUM_ZERO = 2;
/** Nobody wanted to know. */
export const LOAD_CHECKSUM_UNCHECKED = 3;
