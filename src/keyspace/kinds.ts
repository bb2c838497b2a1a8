/** Types by their number in the engine. */
export const TYPE_NAMES = [
  "string",
  "list",
  "set",
  "zset",
  "hash",
  "module",
  "stream",
] as const;

export type TypeName = typeof TYPE_NAMES[number];

const ENCODINGS = [
  "int",
  "embstr",
  "raw",
  "listpack",
  "quicklist",
  "intset",
  "hashtable",
  "skiplist",
  "stream",
];

/** What the engine adds to type and encoding of a shared number. */
const SHARED = 256;

/** What a value is and how it is stored. */
export interface Kind {
  readonly type: TypeName;
  readonly encoding: string;
  /** A small number, of which Redis keeps one object for all keys. */
  readonly isShared: boolean;
}

/** The meaning of the engine's number for a kind. */
export function kindNamed(kind: number): Kind {
  return {
    type: TYPE_NAMES[kind >> 4 & 15],
    encoding: ENCODINGS[kind & 15],
    isShared: kind >= SHARED,
  };
}
