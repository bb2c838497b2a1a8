/** Every group of cases. */

import type { Group } from "../script.ts";
import acl from "./acl.ts";
import bitfield from "./bitfield.ts";
import bitmap from "./bitmap.ts";
import connection from "./connection.ts";
import databases from "./databases.ts";
import expire from "./expire.ts";
import hyperloglog from "./hyperloglog.ts";
import geo from "./geo.ts";
import hash from "./hash.ts";
import keys from "./keys.ts";
import list from "./list.ts";
import observation from "./observation.ts";
import persistence from "./persistence.ts";
import pubsub from "./pubsub.ts";
import replyTypes from "./reply_types.ts";
import scan from "./scan.ts";
import server from "./server.ts";
import sort from "./sort.ts";
import set from "./set.ts";
import sortedSetAlgebra from "./sorted_set_algebra.ts";
import sortedSet from "./sorted_set.ts";
import stringMany from "./string_many.ts";
import stringNumber from "./string_number.ts";
import stringRange from "./string_range.ts";
import stringSet from "./string_set.ts";
import tracking from "./tracking.ts";
import transactions from "./transactions.ts";

export const groups: Group[] = [
  acl,
  bitfield,
  bitmap,
  connection,
  databases,
  expire,
  hyperloglog,
  geo,
  hash,
  keys,
  list,
  observation,
  persistence,
  pubsub,
  replyTypes,
  scan,
  server,
  sort,
  set,
  sortedSetAlgebra,
  sortedSet,
  stringMany,
  stringNumber,
  stringRange,
  stringSet,
  tracking,
  transactions,
];
