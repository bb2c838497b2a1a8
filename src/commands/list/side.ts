/** The words LEFT and RIGHT, and what happens at the ends that they name. */
import type { Side } from "../../keyspace/lists.ts";
import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";

export function sideArgument(name: string): Argument {
  return arg.oneOf(name, arg.token("LEFT"), arg.token("RIGHT"));
}

export function sideAt(call: Call, index: number): Side {
  if (call.is(index, "LEFT")) return "left";
  if (call.is(index, "RIGHT")) return "right";
  throw syntaxError;
}

/** States that elements were taken off a list, and that it is gone if it is. */
export function popped(call: Call, key: number, side: Side): void {
  const { emptied } = call.db;
  call.changed(key, side === "left" ? "lpop" : "rpop");
  if (emptied) call.changed(key, "del");
}

export function pushed(call: Call, key: number, side: Side): void {
  call.changed(key, side === "left" ? "lpush" : "rpush");
}
