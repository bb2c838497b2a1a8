/** SORT and SORT_RO: the elements of a collection in another order. */
import type { SortPlan } from "../../keyspace/sorting.ts";
import {
  quoted,
  sortNotPermitted,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";
import { type Command, command } from "../define/command.ts";
import { type DeclaredKeySpec, keyRange } from "../define/key_specs.ts";
import type { FoundKey, Words } from "../define/keys.ts";

const COMPLEXITY =
  "O(N + M log M), N = elements, M = those that are replied; O(N) unsorted";

/** Where the keys are, as far as it can be said without the elements. */
const sourceSpecs: readonly DeclaredKeySpec[] = [{
  flags: ["RO", "access"],
  beginSearch: { type: "index", index: 1 },
  findKeys: keyRange(),
}, {
  flags: ["RO", "access"],
  notes: "The elements make key names of the patterns behind BY and GET",
  beginSearch: { type: "unknown" },
  findKeys: { type: "unknown" },
}];

const targetSpec: DeclaredKeySpec = {
  flags: ["OW", "update"],
  notes: "STORE and its key may stand anywhere among the options",
  beginSearch: { type: "unknown" },
  findKeys: { type: "unknown" },
};

const sourceArguments: readonly Argument[] = [
  arg.key("key").keySpec(0),
  arg.pattern("by-pattern").keySpec(1).token("BY").display("pattern")
    .optional(),
  arg.block("limit", arg.integer("offset"), arg.integer("count"))
    .token("LIMIT").optional(),
  arg.pattern("get-pattern").keySpec(1).token("GET").display("pattern")
    .optional().multipleToken(),
  arg.oneOf("order", arg.token("ASC"), arg.token("DESC")).optional(),
  arg.token("ALPHA", "sorting").optional(),
];

export const sort = command({
  name: "SORT",
  group: "generic",
  since: "1.0.0",
  summary: "Replies with a collection's elements in order, or stores them",
  complexity: COMPLEXITY,
  flags: ["write", "denyoom"],
  categories: ["set", "sortedset", "list", "dangerous"],
  args: [
    ...sourceArguments,
    arg.key("destination").keySpec(2).token("STORE").optional(),
  ],
  keySpecs: [...sourceSpecs, targetSpec],
  keysFrom: sortKeys,
  run(call) {
    const plan = planOf(call, sort);
    const { target } = plan;
    const count = call.db.sorting.sort(1, plan);
    if (target === 0) return;
    if (count > 0) call.changed(target, "sortstore");
    else if (call.db.delete(target)) call.changed(target, "del");
    call.reply.integer(count);
  },
});

export const sortRo = command({
  name: "SORT_RO",
  group: "generic",
  since: "7.0.0",
  summary: "Replies with a collection's elements in order",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  categories: ["set", "sortedset", "list", "dangerous"],
  args: sourceArguments,
  keySpecs: sourceSpecs,
  keysFrom: () => [{ index: 1, flags: ["RO", "access"] }],
  run(call) {
    call.db.sorting.sort(1, planOf(call, sortRo));
  },
});

/** What is said twice holds as it was said last, except that GETs add up. */
function planOf(call: Call, command: Command): SortPlan {
  const mayStore = command === sort;
  const needsEveryKey = (option: "BY" | "GET") => {
    if (call.client.mayReadEveryKey(command, call)) return;
    throw sortNotPermitted(option);
  };
  let by = 0, start = 0, count = -1, target = 0;
  let isAsIs = false, isDescending = false, comparesTexts = false;
  const gets: number[] = [];
  for (let i = 2; i < call.argc; i++) {
    const wordsLeft = call.argc - i - 1;
    if (call.is(i, "ASC")) isDescending = false;
    else if (call.is(i, "DESC")) isDescending = true;
    else if (call.is(i, "ALPHA")) comparesTexts = true;
    else if (call.is(i, "LIMIT") && wordsLeft >= 2) {
      start = call.integer(++i);
      count = call.integer(++i);
    } else if (mayStore && call.is(i, "STORE") && wordsLeft >= 1) target = ++i;
    else if (call.is(i, "BY") && wordsLeft >= 1) {
      by = ++i;
      // A pattern that no element changes asks for no order; as in Redis, no
      // later one takes that back.
      if (!quoted(call.latin1(by)).includes("*")) isAsIs = true;
      else needsEveryKey("BY");
    } else if (call.is(i, "GET") && wordsLeft >= 1) {
      needsEveryKey("GET");
      gets.push(++i);
    } else throw syntaxError;
  }
  return {
    by,
    isAsIs,
    isDescending,
    comparesTexts,
    start,
    count,
    gets,
    target,
  };
}

/** How many words belong to an option beside its name. */
const optionWords = [["LIMIT", 2], ["GET", 1], ["BY", 1]] as const;

/** The sorted key, and the last one behind a STORE. */
function sortKeys(words: Words): readonly FoundKey[] {
  const source: FoundKey = { index: 1, flags: ["RO", "access"] };
  let target: FoundKey | null = null;
  for (let i = 2; i < words.argc; i++) {
    const option = optionWords.find(([name]) => words.is(i, name));
    if (option) i += option[1];
    else if (i + 1 < words.argc && words.is(i, "STORE")) {
      target = { index: i + 1, flags: ["OW", "update"] };
    }
  }
  return target ? [source, target] : [source];
}
