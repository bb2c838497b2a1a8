/**
 * The derivation against all of Redis: from the documented arguments of each
 * of its commands must follow what it tells about arity, keys and categories.
 */
import { assertEquals } from "@std/assert";
import { arityOf, categoryBitsOf } from "../../src/commands/define/derive.ts";
import {
  bitsOfCategories,
  bitsOfFlags,
  type Category,
  type Flag,
} from "../../src/commands/define/flags.ts";
import {
  type BeginSearch,
  type FindKeys,
  frozenKeySpec,
  type KeySpec,
  keySpecsFrom,
  legacyRange,
} from "../../src/commands/define/key_specs.ts";
import { argumentsFrom, type DocumentedArgument } from "./documented_args.ts";
import { readRedisFacts } from "./redis_facts.ts";

interface RedisCommand {
  name: string;
  arity: number;
  flags: Flag[];
  range: number[];
  categories: Category[];
  keySpecs: KeySpec[];
  isContainer: boolean;
  documented: DocumentedArgument[];
}

interface RedisKeySpec {
  flags: KeySpec["flags"];
  begin_search: { type: string; spec: Record<string, number> };
  find_keys: { type: string; spec: Record<string, number> };
}

const commands = Object.entries(await readRedisFacts()).map(
  ([name, { info, docs }]): RedisCommand => ({
    name,
    arity: info[1] as number,
    flags: info[2] as Flag[],
    range: info.slice(3, 6) as number[],
    categories: (info[6] as string[]).map((text) => text.slice(1) as Category),
    keySpecs: (info[8] as RedisKeySpec[]).map(ourKeySpec),
    isContainer: (info[9] as string[]).length > 0,
    documented: (docs.arguments ?? []) as DocumentedArgument[],
  }),
);

function ourKeySpec(spec: RedisKeySpec): KeySpec {
  const begin = spec.begin_search.spec;
  const find = spec.find_keys.spec;
  return frozenKeySpec({
    flags: spec.flags,
    beginSearch: {
      type: spec.begin_search.type,
      ...rename(begin, { startfrom: "startFrom" }),
    } as unknown as BeginSearch,
    findKeys: {
      type: spec.find_keys.type,
      ...rename(find, {
        lastkey: "lastKey",
        keystep: "keyStep",
        firstkey: "firstKey",
        keynumidx: "keyNumIndex",
      }),
    } as unknown as FindKeys,
  });
}

function rename(
  fields: Record<string, number>,
  names: Record<string, string>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [names[name] ?? name, value]),
  );
}

function ourArguments(command: RedisCommand) {
  return argumentsFrom(
    command.documented,
    (index) => [...command.keySpecs[index].flags],
  );
}

const nameWords = (command: RedisCommand) => command.name.includes("|") ? 2 : 1;

Deno.test("the arity of Redis's commands follows from their arguments", () => {
  // Redis accepts another number of words than it documents for these.
  const stated = ["client|kill", "debug", "psync", "quit", "replconf"];
  const wrong = commands.filter((command) =>
    !command.isContainer &&
    arityOf(ourArguments(command), nameWords(command)) !== command.arity
  );
  assertEquals(wrong.map((command) => command.name).sort(), stated);
});

Deno.test("the key specs of Redis's commands follow from their arguments", () => {
  // Their keys stand in places that arguments alone do not tell, or what
  // looks like a key is a channel.
  const stated = [
    "migrate",
    "sort",
    "sort_ro",
    "spublish",
    "ssubscribe",
    "sunsubscribe",
  ];
  const wrong = commands.filter((command) => !keySpecsFollow(command));
  assertEquals(wrong.map((command) => command.name).sort(), stated);
});

function keySpecsFollow(command: RedisCommand): boolean {
  try {
    const found = keySpecsFrom(ourArguments(command), nameWords(command));
    assertEquals(found.keySpecs, command.keySpecs);
    return true;
  } catch {
    return false;
  }
}

Deno.test("first, last, step and movablekeys follow from the key specs", () => {
  for (const { name, keySpecs, range, flags } of commands) {
    const { firstKey, lastKey, keyStep, isPartial } = legacyRange(keySpecs);
    assertEquals([firstKey, lastKey, keyStep], range, name);
    assertEquals(isPartial, flags.includes("movablekeys"), name);
  }
});

Deno.test("the flags' ACL categories are among those of Redis", () => {
  const fromFlags: Category[] = [
    "read",
    "write",
    "pubsub",
    "blocking",
    "fast",
    "slow",
  ];
  for (const { name, flags, categories } of commands) {
    // What flags do not explain, Redis states, and so do definitions. It
    // states "dangerous" for some commands that are not for admins.
    const explained = flags.includes("admin")
      ? [...fromFlags, "admin", "dangerous"]
      : fromFlags;
    const stated = categories.filter((one) => !explained.includes(one));
    const bits = categoryBitsOf(stated, bitsOfFlags(flags));
    assertEquals(bits, bitsOfCategories(categories), name);
  }
});
