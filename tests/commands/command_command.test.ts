/** COMMAND's own replies, without a server around it. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Call } from "../../src/commands/call.ts";
import { arg } from "../../src/commands/define/args.ts";
import { command } from "../../src/commands/define/command.ts";
import { CommandTable } from "../../src/commands/define/table.ts";
import { commandCommand } from "../../src/commands/server/command.ts";
import { ReplyError } from "../../src/protocol/errors.ts";
import { asJson, RecordingReply, type Value } from "./recording_reply.ts";

const facts = {
  group: "string",
  since: "1.0.0",
  summary: "Serves as an example",
  flags: [],
  run: () => {},
} as const;

const table = new CommandTable([
  commandCommand,
  command({ ...facts, name: "ONE", args: [arg.key("key", "RO", "access")] }),
  command({
    ...facts,
    name: "PAIRS",
    flags: ["write", "denyoom"],
    args: [
      arg.block("data", arg.key("key", "OW", "update"), arg.string("value"))
        .multiple(),
    ],
  }),
  command({
    ...facts,
    name: "MERGE",
    args: [arg.key("to", "RW"), arg.key("from", "RO").optional().multiple()],
  }),
  command({
    ...facts,
    name: "SCRIPT",
    flags: ["no_mandatory_keys"],
    args: [
      arg.integer("numkeys"),
      arg.key("key", "RW").optional().multiple(),
    ],
  }),
]);

/** Runs COMMAND as dispatch would, and gives the reply or the error text. */
function run(line: string): Value {
  const words = line.split(" ");
  const reply = new RecordingReply();
  const call = {
    argc: words.length,
    reply: reply.face,
    commands: table,
    latin1: (index: number) => words[index],
    bytes: (index: number) => new TextEncoder().encode(words[index]),
    is: (index: number, option: string) =>
      words[index].toUpperCase() === option,
  } as unknown as Call;
  const target = words.length > 1
    ? commandCommand.subcommand(words[1].toLowerCase())
    : commandCommand;
  assert(target);
  try {
    target.run(call);
  } catch (error) {
    if (error instanceof ReplyError) return error.text;
    throw error;
  }
  return reply.value;
}

Deno.test("COMMAND GETKEYS replies with the keys of a whole command", () => {
  assertEquals(run("COMMAND GETKEYS one a"), ["a"]);
  assertEquals(run("COMMAND GETKEYS pairs a 1 b 2"), ["a", "b"]);
  assertEquals(run("COMMAND GETKEYS merge a b"), ["a", "b"]);
  assertEquals(run("COMMAND GETKEYS script 0"), []);
  assertEquals(run("COMMAND GETKEYS script 2 a"), []);
});

Deno.test("COMMAND GETKEYS tells what is wrong with the command", () => {
  const cases = {
    "nosuch a": "ERR Invalid command specified",
    "command nosuch": "ERR Invalid command specified",
    "command|count": "ERR Invalid command specified",
    "command": "ERR The command has no key arguments",
    "command count": "ERR The command has no key arguments",
    "one": "ERR Invalid number of arguments specified for command",
    "one a b": "ERR Invalid number of arguments specified for command",
    "pairs a": "ERR Invalid number of arguments specified for command",
    "merge a": "ERR Invalid arguments specified for command",
  };
  for (const [line, error] of Object.entries(cases)) {
    assertEquals(run(`COMMAND GETKEYS ${line}`), error, line);
  }
});

Deno.test("COMMAND GETKEYSANDFLAGS adds what happens to each key", () => {
  assertEquals(run("COMMAND GETKEYSANDFLAGS pairs a 1"), [
    ["a", { set: ["OW", "update"] }],
  ]);
});

Deno.test("COMMAND COUNT and LIST know the commands by name", () => {
  assertEquals(run("COMMAND COUNT"), 5);
  const all = run("COMMAND LIST") as string[];
  assert(all.includes("one") && all.includes("command|list"));
  assertEquals(run("COMMAND LIST FILTERBY PATTERN PA*"), ["pairs"]);
  assertEquals(run("COMMAND LIST FILTERBY PATTERN *|getkeys"), [
    "command|getkeys",
  ]);
  assertEquals(run("COMMAND LIST filterby aclcat write"), ["pairs"]);
  assertEquals(run("COMMAND LIST FILTERBY ACLCAT @write"), []);
  assertEquals(run("COMMAND LIST FILTERBY MODULE any"), []);
});

Deno.test("COMMAND LIST refuses anything but one filter", () => {
  for (
    const words of [
      "FILTERBY",
      "FILTERBY PATTERN",
      "FILTERBY WAT x",
      "WAT PATTERN x",
      "FILTERBY PATTERN x FILTERBY PATTERN y",
    ]
  ) {
    assertEquals(run(`COMMAND LIST ${words}`), "ERR syntax error", words);
  }
});

Deno.test("COMMAND INFO replies with null for a name that is none", () => {
  const [known, unknown] = run("COMMAND INFO one nosuch") as Value[][];
  assertEquals(unknown, null);
  assertEquals(known, [
    "one",
    2,
    { set: [] },
    1,
    1,
    1,
    { set: ["@string", "@slow"] },
    { set: [] },
    {
      set: [{
        map: {
          flags: { set: ["RO", "access"] },
          begin_search: {
            map: { type: "index", spec: { map: { index: 1 } } },
          },
          find_keys: {
            map: {
              type: "range",
              spec: { map: { lastkey: 0, keystep: 1, limit: 0 } },
            },
          },
        },
      }],
    },
    { set: [] },
  ]);
  const [sub] = run("COMMAND INFO Command|Info") as Value[][];
  assertEquals(sub[0], "command|info");
  assertEquals((run("COMMAND") as Value[]).length, 5);
  assertEquals((run("COMMAND INFO") as Value[]).length, 5);
});

Deno.test("COMMAND DOCS leaves out names that are none", () => {
  assertEquals(asJson(run("COMMAND DOCS nosuch one")), {
    one: {
      summary: "Serves as an example",
      since: "1.0.0",
      group: "string",
      arguments: [
        { name: "key", type: "key", display_text: "key", key_spec_index: 0 },
      ],
    },
  });
  const all = asJson(run("COMMAND DOCS")) as Record<string, unknown>;
  assertEquals(Object.keys(all).length, 5);
});

Deno.test("COMMAND HELP has Redis's frame around lines of the definitions", () => {
  const lines = run("COMMAND HELP") as string[];
  assertEquals(
    lines[0],
    "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
  );
  assertEquals(lines.slice(1, 5), [
    "(no subcommand)",
    "    Tells the facts about every command.",
    "COUNT",
    "    Counts the commands of the server.",
  ]);
  assertEquals(lines.slice(-2), ["HELP", "    Print this help."]);
  assert(
    lines.includes(
      "LIST [FILTERBY (MODULE <module-name>|ACLCAT <category>|PATTERN <pattern>)]",
    ),
  );
});

Deno.test("a container without a meaning of its own never runs", () => {
  const bare = command({
    name: "BARE",
    group: "server",
    since: "1.0.0",
    summary: "Holds one subcommand",
    flags: [],
    subcommands: [{ ...facts, name: "SUB" }],
  });
  assertThrows(() => bare.run({} as Call), Error, "only through");
});
