import type { Database } from "../../keyspace/keyspace.ts";
import { dbIndex, outOfIntRange } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";

const INT_MIN = -(2 ** 31), INT_MAX = 2 ** 31 - 1;

/** The database whose index an argument is. */
export function databaseAt(call: Call, argument: number): Database {
  const index = call.integer(argument);
  if (index < INT_MIN || index > INT_MAX) throw outOfIntRange;
  if (index < 0 || index >= call.keyspace.databaseCount) throw dbIndex;
  return call.keyspace.database(index);
}
