/** What ZUNION, ZINTER and ZDIFF have in common. */
import {
  AGGREGATE_COUNT,
  AGGREGATE_MAX,
  AGGREGATE_MIN,
  AGGREGATE_SUM,
  COMBINE_DIFFERENCE,
} from "../../keyspace/sorted_set_algebra.ts";
import {
  inputKeyNeeded,
  limitNegative,
  syntaxError,
} from "../../protocol/errors.ts";
import type { EventName } from "../../protocol/events.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";

const aggregates = new Map([
  ["sum", AGGREGATE_SUM],
  ["min", AGGREGATE_MIN],
  ["max", AGGREGATE_MAX],
  ["count", AGGREGATE_COUNT],
]);

/** `numkeys key [key ...]` */
export const inputArguments = (): Argument[] => [
  arg.integer("numkeys"),
  arg.key("key", "RO", "access").multiple(),
];

/** What ZDIFF alone does not take. */
const scoreArguments = (): Argument[] => [
  arg.integer("weight").token("WEIGHTS").optional().multiple(),
  arg.oneOf(
    "aggregate",
    arg.token("SUM"),
    arg.token("MIN"),
    arg.token("MAX"),
    arg.token("COUNT").since("8.8.0"),
  ).token("AGGREGATE").optional(),
];

/** What ZUNION and ZINTER take. */
export const replyArguments = (): Argument[] => [
  ...inputArguments(),
  ...scoreArguments(),
  arg.token("WITHSCORES").optional(),
];

/** What ZUNIONSTORE and ZINTERSTORE take. */
export const storeArguments = (): Argument[] => [
  arg.key("destination", "OW", "update"),
  ...inputArguments(),
  ...scoreArguments(),
];

/** Replies with the combination of the keys; `name` is the command's. */
export function replyCombined(
  call: Call,
  operation: number,
  name: string,
): void {
  combine(call, name, 1, (at) => {
    const knowsWeights = operation !== COMBINE_DIFFERENCE;
    const options = readOptions(call, at, { knowsWeights, knowsScores: true });
    const { aggregate, withScores } = options;
    call.db.sortedSetAlgebra.reply(operation, aggregate, withScores);
  });
}

/**
 * Stores the combination of the other keys under the first; `name` is the
 * command's and the event's.
 */
export function storeCombined(
  call: Call,
  operation: number,
  name: EventName,
): void {
  combine(call, name, 2, (at) => {
    const knowsWeights = operation !== COMBINE_DIFFERENCE;
    const options = readOptions(call, at, { knowsWeights, knowsScores: false });
    const { db } = call;
    const count = db.sortedSetAlgebra.store(1, operation, options.aggregate);
    if (count > 0) call.changed(1, name);
    else if (db.delete(1)) call.changed(1, "del");
    call.reply.integer(count);
  });
}

/** Replies with the number of members that all keys share. */
export function replySharedCount(call: Call): void {
  combine(call, "zintercard", 1, (at) => {
    let limit = 0;
    for (; at < call.argc; at += 2) {
      if (at + 1 === call.argc || !call.is(at, "LIMIT")) throw syntaxError;
      limit = call.integerIn(at + 1, 0, 2 ** 63, limitNegative);
    }
    call.reply.integer(call.db.sortedSetAlgebra.countShared(limit));
  });
}

/**
 * Opens the keys that are counted at an argument, and hands on where what
 * follows them begins. Redis looks at the keys before it reads options.
 */
function combine(
  call: Call,
  name: string,
  countAt: number,
  use: (optionsAt: number) => void,
): void {
  const { sortedSetAlgebra } = call.db;
  const keyCount = call.integer(countAt);
  if (keyCount < 1) throw inputKeyNeeded(name);
  const first = countAt + 1;
  if (keyCount > call.argc - first) throw syntaxError;
  try {
    sortedSetAlgebra.open(first, keyCount);
    use(first + keyCount);
  } finally {
    sortedSetAlgebra.close();
  }
}

interface Options {
  aggregate: number;
  withScores: boolean;
}

/** Reads the options from an argument on, and weighs the inputs. */
function readOptions(
  call: Call,
  first: number,
  rules: { knowsWeights: boolean; knowsScores: boolean },
): Options {
  const { knowsWeights, knowsScores } = rules;
  const keyCount = first - (knowsScores ? 2 : 3);
  const options = { aggregate: AGGREGATE_SUM, withScores: false };
  for (let at = first; at < call.argc; at++) {
    const left = call.argc - 1 - at;
    if (knowsWeights && left >= keyCount && call.is(at, "WEIGHTS")) {
      for (let input = 0; input < keyCount; input++) {
        call.db.sortedSetAlgebra.weigh(input, ++at);
      }
    } else if (knowsWeights && left >= 1 && call.is(at, "AGGREGATE")) {
      const aggregate = aggregates.get(call.word(++at));
      if (aggregate === undefined) throw syntaxError;
      options.aggregate = aggregate;
    } else if (knowsScores && call.is(at, "WITHSCORES")) {
      options.withScores = true;
    } else throw syntaxError;
  }
  return options;
}
