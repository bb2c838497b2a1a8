import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type { Call } from "../../src/commands/call.ts";
import { arg } from "../../src/commands/define/args.ts";
import {
  type Command,
  command,
  type CommandDefinition,
  UNBOUNDED,
} from "../../src/commands/define/command.ts";
import {
  categoriesOf,
  FAST,
  type KeyFlag,
  MOVABLE_KEYS,
  READONLY,
  visibleFlags,
} from "../../src/commands/define/flags.ts";
import { syntaxOf } from "../../src/commands/define/help.ts";
import {
  frozenKeySpec,
  keyRange,
  type KeySpec,
  legacyRange,
} from "../../src/commands/define/key_specs.ts";
import { hasKeys, keysOf, type Words } from "../../src/commands/define/keys.ts";
import { CommandTable } from "../../src/commands/define/table.ts";

const nothing = (_call: Call) => {};

function define(changes: Partial<CommandDefinition> = {}): Command {
  return command({
    name: "TRY",
    group: "string",
    since: "1.0.0",
    summary: "Serves as an example",
    flags: [],
    run: nothing,
    ...changes,
  } as CommandDefinition);
}

function wordsOf(line: string): Words {
  const words = line.split(" ");
  return {
    argc: words.length,
    latin1: (index) => words[index],
    is: (index, option) => words[index].toUpperCase() === option,
  };
}

function keysIn(command: Command, line: string): string {
  const words = wordsOf(line);
  return keysOf(command, words).map(({ index, flags }) =>
    `${words.latin1(index)}:${flags.join("+")}`
  ).join(" ");
}

Deno.test("a modifier gives a changed copy and leaves the argument alone", () => {
  const plain = arg.integer("count");
  const changed = plain.token("COUNT").optional().since("7.0.0");
  assertEquals(plain.facts.isOptional, false);
  assertEquals(plain.facts.tokenText, null);
  assertEquals(changed.facts.isOptional, true);
  assertEquals(changed.facts.tokenText, "COUNT");
  assertThrows(() => Object.assign(changed.facts, { name: "x" }), TypeError);
});

Deno.test("a command is frozen and counts its name as a word", () => {
  const fixed = define({ args: [arg.key("key", "RO"), arg.string("value")] });
  assertEquals([fixed.arity, fixed.minArgs, fixed.maxArgs], [3, 3, 3]);
  const open = define({ args: [arg.key("key", "RO").multiple()] });
  assertEquals([open.arity, open.minArgs, open.maxArgs], [-2, 2, UNBOUNDED]);
  assertThrows(() => Object.assign(open, { arity: 9 }), TypeError);
});

Deno.test("flags become bits and come back in Redis's order, hidden ones not", () => {
  const one = define({ flags: ["fast", "may_replicate", "readonly"] });
  assertEquals(one.flagBits & (FAST | READONLY), FAST | READONLY);
  assertEquals(visibleFlags(one.flagBits), ["readonly", "fast"]);
});

Deno.test("a key in a place that cannot be derived is refused", () => {
  const movable = arg.key("key", "RO");
  const error = assertThrows(
    () => define({ args: [arg.token("NX").optional(), movable] }),
    Error,
    "the definition of TRY is wrong",
  );
  assertEquals(
    (error.cause as Error).message,
    'the place of the key "key" cannot be derived',
  );
});

Deno.test("a key that does not say how it is used is refused", () => {
  const error = assertThrows(() => define({ args: [arg.key("key")] }), Error);
  assertEquals(
    (error.cause as Error).message,
    'the key "key" does not say how it is used',
  );
});

Deno.test("a subcommand has its container's group and a full name", () => {
  const container = define({
    name: "CONFIG",
    run: undefined,
    subcommands: [{
      name: "GET",
      since: "2.0.0",
      summary: "Tells",
      flags: [],
      args: [arg.string("parameter").multiple()],
      run: nothing,
    }],
  });
  const sub = container.subcommand("get")!;
  assertEquals([sub.fullName, sub.group, sub.arity], [
    "config|get",
    "string",
    -3,
  ]);
  assertEquals(container.arity, -2);
  assertEquals(categoriesOf(container.categoryBits), ["slow"]);
  assertEquals(categoriesOf(sub.categoryBits), ["string", "slow"]);
  const table = new CommandTable([container]);
  assertStrictEquals(table.findFull("CONFIG|Get"), sub);
  assertEquals(table.findFull("config|get|more"), undefined);
  assertEquals(table.findFull("config|"), undefined);
});

Deno.test("keys are found by position, by count and behind a keyword", () => {
  const pairs = define({
    args: [
      arg.block("data", arg.key("key", "OW", "update"), arg.string("value"))
        .multiple(),
    ],
  });
  assertEquals(keysIn(pairs, "try a 1 b 2"), "a:OW+update b:OW+update");
  const counted = define({
    args: [
      arg.string("script"),
      arg.integer("numkeys"),
      arg.key("key", "RO").optional().multiple(),
      arg.string("arg").optional().multiple(),
    ],
  });
  assertEquals(keysIn(counted, "try s 2 a b c"), "a:RO b:RO");
  for (const bad of ["3 a b", "0 a", "-1 a", "x a", "01 a", "1"]) {
    assertEquals(keysIn(counted, `try s ${bad}`), "", bad);
  }
  const streams = define({
    args: [
      arg.integer("count").token("COUNT").optional(),
      arg.block(
        "streams",
        arg.key("key", "RO").multiple(),
        arg.string("id").multiple(),
      ).token("STREAMS"),
    ],
  });
  assertEquals(keysIn(streams, "try count 5 streams a b 0 0"), "a:RO b:RO");
  assertEquals(keysIn(streams, "try streams a b 0"), "a:RO");
  assertEquals(keysIn(streams, "try count 5 streams"), "");
  assertEquals(streams.flagBits & MOVABLE_KEYS, MOVABLE_KEYS);
});

Deno.test("a keyword without a key behind it is no keyword", () => {
  const store = define({
    args: [
      arg.key("key", "RO"),
      arg.key("to", "OW", "update").token("STORE").optional(),
    ],
  });
  assertEquals(keysIn(store, "try k store t"), "k:RO t:OW+update");
  assertEquals(keysIn(store, "try k store"), "k:RO");
});

Deno.test("the search for a keyword begins where it may first stand", () => {
  const nested = define({
    args: [
      arg.string("value"),
      arg.block(
        "outer",
        arg.token("NX").optional(),
        arg.key("to", "OW").token("STORE").optional(),
      ).token("WITH").optional(),
    ],
  });
  assertEquals(nested.keySpecs[0].beginSearch, {
    type: "keyword",
    keyword: "STORE",
    startFrom: 3,
  });
});

Deno.test("what is routed like a key but is none is not found as one", () => {
  const channel = define({
    args: [arg.string("channel").optional().multiple()],
    keySpecs: [{
      flags: ["not_key"],
      beginSearch: { type: "index", index: 1 },
      findKeys: keyRange(-1),
    }],
  });
  assertEquals(hasKeys(channel), false);
  assertEquals(keysIn(channel, "try a b"), "");
  assertEquals(channel.legacyRange.firstKey, 1);
  // It may stand beyond the arity, where a key may not.
  assertStrictEquals(new CommandTable([channel]).find("try"), channel);
});

Deno.test("an incomplete spec finds nothing by itself, and keys may move", () => {
  const changes = {
    args: [arg.string("any").multiple()],
    keySpecs: [{
      flags: ["incomplete", "RO"],
      beginSearch: { type: "index", index: 1 },
      findKeys: keyRange(),
    }],
  } as const;
  const alone = define(changes);
  assertEquals(alone.keySpecs[0].flags, ["RO", "incomplete"]);
  assertEquals(alone.flagBits & MOVABLE_KEYS, MOVABLE_KEYS);
  assertEquals(keysIn(alone, "try a"), "");
  const withOwn = define({
    ...changes,
    keysFrom: () => [{ index: 1, flags: ["RW"] }],
  });
  assertEquals(keysIn(withOwn, "try a"), "a:RW");
});

Deno.test("key specs side by side become one legacy range, others not", () => {
  const at = (index: number, flags: KeyFlag[] = ["RO"]) =>
    frozenKeySpec({
      flags,
      beginSearch: { type: "index", index },
      findKeys: keyRange(),
    });
  const range = (...specs: KeySpec[]) => {
    const { firstKey, lastKey, keyStep, isPartial } = legacyRange(specs);
    return [firstKey, lastKey, keyStep, isPartial];
  };
  assertEquals(range(), [0, 0, 0, false]);
  assertEquals(range(at(1), at(2)), [1, 2, 1, false]);
  assertEquals(range(at(1), at(3)), [1, 1, 1, true]);
  assertEquals(range(at(1), at(2, ["RO", "incomplete"])), [1, 2, 1, true]);
});

Deno.test("a keyword may be sought from the end", () => {
  const behind = define({
    args: [arg.string("host"), arg.key("keys").multiple().keySpec(0)],
    keySpecs: [{
      flags: ["RW", "access"],
      beginSearch: { type: "keyword", keyword: "KEYS", startFrom: -2 },
      findKeys: keyRange(-1),
    }],
    flags: ["no_mandatory_keys"],
  });
  assertEquals(keysIn(behind, "try h keys a b"), "a:RW+access b:RW+access");
  assertEquals(keysIn(behind, "try h a keys"), "");
  assertEquals(keysIn(behind, "try keys a b"), "");
  assertEquals(keysIn(behind, "try h a b"), "");
});

Deno.test("a command's own way to its keys wins over variable flags", () => {
  const own = define({
    args: [
      arg.key("key", "RW", "access", "variable_flags"),
      arg.token("GET").optional(),
    ],
    keysFrom: (words) => words.argc > 2 ? [{ index: 1, flags: ["RO"] }] : [],
  });
  assertEquals(keysIn(own, "try a get"), "a:RO");
  assertEquals(keysIn(own, "try a"), "");
});

Deno.test("a table refuses two commands of one name", () => {
  assertThrows(
    () => new CommandTable([define(), define({ name: "try" })]),
    Error,
    "two commands are called try",
  );
});

Deno.test("a table refuses a key beyond the arity", () => {
  assertThrows(
    () => new CommandTable([define({ args: [arg.key("k", "RO")], arity: -1 })]),
    Error,
    "try has a key beyond its arity -1",
  );
});

Deno.test("a table refuses an arity that cannot be", () => {
  const error = (changes: Partial<CommandDefinition>) =>
    assertThrows(() => new CommandTable([define(changes)]), Error).message;
  assertEquals(error({ arity: 0 }), "try has the impossible arity 0");
  assertEquals(error({ arity: 1.5 }), "try has the impossible arity 1.5");
  const two = [arg.key("a", "RO"), arg.key("b", "RO").joined()];
  assertEquals(
    error({ args: two, arity: 2 }),
    "try has its last key beyond its arity 2",
  );
});

Deno.test("a table lets an optional key stand beyond the arity", () => {
  const args = [arg.key("key", "RO").optional()];
  const loose = define({ args, flags: ["no_mandatory_keys"] });
  assertStrictEquals(new CommandTable([loose]).find("try"), loose);
});

Deno.test("a table knows what rename-command did, and the number stays", () => {
  const commands = [define(), define({ name: "OTHER" })];
  const table = new CommandTable(commands);
  assertEquals(table.rename("TRY", "Secret"), null);
  assertEquals(table.find("try"), undefined);
  assertStrictEquals(table.find("SECRET"), commands[0]);
  assertStrictEquals(table.findOriginal("Try"), commands[0]);
  assertEquals(new Map(table.names()), new Map([["other", 1], ["secret", 0]]));
  assertEquals(
    table.rename("try", "x"),
    "No such command in rename-command",
  );
  assertEquals(
    table.rename("secret", "OTHER"),
    "Target command name already exists",
  );
  assertEquals(table.rename("other", ""), null);
  assertEquals([table.count, [...table.enabled()]], [1, [commands[0]]]);
  assertStrictEquals(new CommandTable(commands).find("try"), commands[0]);
});

Deno.test("a syntax line shows arguments as a manual does", () => {
  const lines = [
    [arg.string("key").multiple(), "<key> [<key> ...]"],
    [arg.integer("n").token("COUNT").optional(), "[COUNT <n>]"],
    [arg.oneOf("c", arg.token("NX"), arg.token("XX")).optional(), "[NX|XX]"],
    [arg.oneOf("c", arg.token("NX"), arg.token("XX")), "(NX|XX)"],
    [
      arg.oneOf("by", arg.string("m").token("M"), arg.string("p").token("P"))
        .token("BY").optional(),
      "[BY (M <m>|P <p>)]",
    ],
    [
      arg.block("pair", arg.string("f"), arg.string("v")).multiple(),
      "<f> <v> [<f> <v> ...]",
    ],
    [arg.string("name").display("other"), "<other>"],
  ] as const;
  for (const [argument, line] of lines) assertEquals(syntaxOf(argument), line);
});
