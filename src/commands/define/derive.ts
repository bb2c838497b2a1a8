/** What follows from a definition: its arity and its ACL categories. */
import type { Argument } from "./args.ts";
import { wordsOf } from "./key_specs.ts";
import {
  ADMIN,
  bitsOfCategories,
  BLOCKING,
  type Category,
  FAST,
  PUBSUB,
  READONLY,
  WRITE,
} from "./flags.ts";

/** The part of the manual that a command belongs to, as COMMAND DOCS says. */
export type Group =
  | "bitmap"
  | "cluster"
  | "connection"
  | "generic"
  | "geo"
  | "hash"
  | "hyperloglog"
  | "list"
  | "pubsub"
  | "scripting"
  | "server"
  | "set"
  | "sorted-set"
  | "stream"
  | "string"
  | "transactions";

/** The groups whose commands share a category of their own. */
const CATEGORY_OF_GROUP: Readonly<Partial<Record<Group, Category>>> = {
  "bitmap": "bitmap",
  "connection": "connection",
  "generic": "keyspace",
  "geo": "geo",
  "hash": "hash",
  "hyperloglog": "hyperloglog",
  "list": "list",
  "scripting": "scripting",
  "set": "set",
  "sorted-set": "sortedset",
  "stream": "stream",
  "string": "string",
  "transactions": "transaction",
};

/** The categories that a group gives to a command. */
export function categoriesOfGroup(group: Group): readonly Category[] {
  const category = CATEGORY_OF_GROUP[group];
  return category ? [category] : [];
}

/** Adds to the stated categories those that follow from the flags. */
export function categoryBitsOf(
  stated: readonly Category[],
  flagBits: number,
): number {
  const categories = [...stated];
  if (flagBits & WRITE) categories.push("write");
  // A script that may only read is no way to read: who may not run scripts
  // but may read everything shall not get one through the back door.
  if (flagBits & READONLY && !stated.includes("scripting")) {
    categories.push("read");
  }
  if (flagBits & ADMIN) categories.push("admin", "dangerous");
  if (flagBits & PUBSUB) categories.push("pubsub");
  if (flagBits & BLOCKING) categories.push("blocking");
  categories.push(flagBits & FAST ? "fast" : "slow");
  return bitsOfCategories(categories);
}

/**
 * The number of words of a call, the name included: n when it is always n,
 * -n when it is n or more.
 */
export function arityOf(
  args: readonly Argument[],
  nameWords: number,
): number {
  const { least, isFixed } = wordsOf(args);
  const words = nameWords + least;
  return isFixed ? words : -words;
}
