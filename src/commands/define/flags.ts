/**
 * The closed vocabularies of command metadata, each with its bits.
 *
 * Every list is in the order in which COMMAND INFO prints it, so that a reply
 * is made by walking the list. Bits serve the dispatcher, which tests several
 * flags at once; they are our own and cross no wire.
 */

export const WRITE = 1 << 0;
export const READONLY = 1 << 1;
export const DENY_OOM = 1 << 2;
export const ADMIN = 1 << 3;
export const PUBSUB = 1 << 4;
export const NO_SCRIPT = 1 << 5;
export const BLOCKING = 1 << 6;
export const LOADING = 1 << 7;
export const STALE = 1 << 8;
export const SKIP_MONITOR = 1 << 9;
export const SKIP_SLOWLOG = 1 << 10;
export const ASKING = 1 << 11;
export const FAST = 1 << 12;
export const NO_AUTH = 1 << 13;
export const NO_MANDATORY_KEYS = 1 << 14;
export const NO_ASYNC_LOADING = 1 << 15;
export const NO_MULTI = 1 << 16;
export const MOVABLE_KEYS = 1 << 17;
export const ALLOW_BUSY = 1 << 18;
export const MAY_REPLICATE = 1 << 19;
export const PROTECTED = 1 << 20;
export const TOUCHES_ARBITRARY_KEYS = 1 << 21;
/** It replies with messages, which reach clients who want no replies too. */
export const PUSHES = 1 << 22;

const FLAG_BITS = {
  "write": WRITE,
  "readonly": READONLY,
  "denyoom": DENY_OOM,
  "admin": ADMIN,
  "pubsub": PUBSUB,
  "noscript": NO_SCRIPT,
  "blocking": BLOCKING,
  "loading": LOADING,
  "stale": STALE,
  "skip_monitor": SKIP_MONITOR,
  "skip_slowlog": SKIP_SLOWLOG,
  "asking": ASKING,
  "fast": FAST,
  "no_auth": NO_AUTH,
  "no_mandatory_keys": NO_MANDATORY_KEYS,
  "no_async_loading": NO_ASYNC_LOADING,
  "no_multi": NO_MULTI,
  "movablekeys": MOVABLE_KEYS,
  "allow_busy": ALLOW_BUSY,
  "may_replicate": MAY_REPLICATE,
  "protected": PROTECTED,
  "touches_arbitrary_keys": TOUCHES_ARBITRARY_KEYS,
  "pushes": PUSHES,
} as const;

/** What a command is, needs or is spared from. */
export type Flag = keyof typeof FLAG_BITS;

/** A flag that a definition may state; `movablekeys` follows from the keys. */
export type DeclaredFlag = Exclude<Flag, "movablekeys">;

/** What COMMAND INFO leaves out: Redis knows them too, or by other means. */
const HIDDEN_FLAGS = MAY_REPLICATE | PROTECTED | TOUCHES_ARBITRARY_KEYS |
  PUSHES;

/** The union of the flags' bits. */
export function bitsOfFlags(flags: readonly Flag[]): number {
  return flags.reduce((bits, flag) => bits | FLAG_BITS[flag], 0);
}

/** The flags that COMMAND INFO shows, in its order. */
export function visibleFlags(bits: number): Flag[] {
  return namesOf(FLAG_BITS, bits & ~HIDDEN_FLAGS);
}

const CATEGORY_BITS = {
  "keyspace": 1 << 0,
  "read": 1 << 1,
  "write": 1 << 2,
  "set": 1 << 3,
  "sortedset": 1 << 4,
  "list": 1 << 5,
  "hash": 1 << 6,
  "string": 1 << 7,
  "bitmap": 1 << 8,
  "hyperloglog": 1 << 9,
  "geo": 1 << 10,
  "stream": 1 << 11,
  "pubsub": 1 << 12,
  "admin": 1 << 13,
  "fast": 1 << 14,
  "slow": 1 << 15,
  "blocking": 1 << 16,
  "dangerous": 1 << 17,
  "connection": 1 << 18,
  "transaction": 1 << 19,
  "scripting": 1 << 20,
} as const;

/** An ACL category, without its `@`. */
export type Category = keyof typeof CATEGORY_BITS;

export const CATEGORIES = Object.freeze(
  Object.keys(CATEGORY_BITS),
) as readonly Category[];

/** The union of the categories' bits. */
export function bitsOfCategories(categories: readonly Category[]): number {
  return categories.reduce((bits, one) => bits | CATEGORY_BITS[one], 0);
}

/** The categories that a set of bits stands for. */
export function categoriesOf(bits: number): Category[] {
  return namesOf(CATEGORY_BITS, bits);
}

/** The bit of a category by its name in any case; 0 when there is none. */
export function categoryBit(name: string): number {
  const lower = name.toLowerCase();
  return Object.hasOwn(CATEGORY_BITS, lower)
    ? CATEGORY_BITS[lower as Category]
    : 0;
}

function namesOf<Name extends string>(
  bitsByName: Readonly<Record<Name, number>>,
  bits: number,
): Name[] {
  const names = Object.keys(bitsByName) as Name[];
  return names.filter((name) => (bits & bitsByName[name]) !== 0);
}

/** How a command takes hold of the value at a key. */
export type KeyAccess =
  /** Reads, and nothing else. */
  | "RO"
  /** Changes what is there. */
  | "RW"
  /** Replaces what is there, whatever it was. */
  | "OW"
  /** Removes the key. */
  | "RM";

/** What becomes of the user's data, and what else is odd about a key. */
export type KeyTrait =
  /** The data are returned, copied or decide about the reply. */
  | "access"
  /** Data may be altered. */
  | "update"
  /** Data are added, and never altered or removed. */
  | "insert"
  /** Data are removed on purpose. */
  | "delete"
  /** Routed like a key, but names none. */
  | "not_key"
  /** There may be more keys than the spec finds. */
  | "incomplete"
  /** The other flags depend on the arguments. */
  | "variable_flags";

export type KeyFlag = KeyAccess | KeyTrait;

const KEY_FLAG_ORDER: readonly KeyFlag[] = [
  "RO",
  "RW",
  "OW",
  "RM",
  "access",
  "update",
  "insert",
  "delete",
  "not_key",
  "incomplete",
  "variable_flags",
];

/** The same key flags in the order in which COMMAND prints them. */
export function orderedKeyFlags(flags: readonly KeyFlag[]): KeyFlag[] {
  return KEY_FLAG_ORDER.filter((flag) => flags.includes(flag));
}
