/**
 * Our commands against the recorded facts of Redis 7.2.4: everything that
 * COMMAND INFO and COMMAND DOCS tell about them, except the prose.
 */
import { assert, assertEquals } from "@std/assert";
import { allCommands } from "../../src/commands/index.ts";
import type { Command } from "../../src/commands/define/command.ts";
import { CommandTable } from "../../src/commands/define/table.ts";
import { replyDocs } from "../../src/commands/server/command_docs.ts";
import { replyInfo } from "../../src/commands/server/command_info.ts";
import { NEW_COMMANDS, withoutAdditions } from "./beyond_redis_7.ts";
import { asJson, RecordingReply } from "./recording_reply.ts";
import { readRedisFacts } from "./redis_facts.ts";

const redisFacts = await readRedisFacts();
const everyCommand = allCommands.flatMap((one) => [one, ...one.subcommands]);
const knownCommands = everyCommand.filter(({ fullName }) =>
  !Object.hasOwn(NEW_COMMANDS, fullName)
);

/** Containers of which we have only some subcommands so far. */
const PARTIAL_CONTAINERS: Record<string, string> = {
  "client": "tracking and pausing come with their capabilities",
};

type Json = { [name: string]: unknown };
const FLAGS = 2, CATEGORIES = 6, TIPS = 7, KEY_SPECS = 8, SUBCOMMANDS = 9;

function ourInfo(command: Command): unknown[] {
  const reply = new RecordingReply();
  replyInfo(reply.face, command);
  const info = asJson(reply.value) as unknown[];
  info[KEY_SPECS] = (info[KEY_SPECS] as Json[]).map(({ notes: _, ...spec }) =>
    spec
  );
  info[SUBCOMMANDS] = (info[SUBCOMMANDS] as unknown[][]).map((sub) => sub[0]);
  return sorted(info);
}

/** Sets in one order: Redis sorts by bits, and subcommands not at all. */
function sorted(info: unknown[]): unknown[] {
  const copy = [...info];
  for (const field of [FLAGS, CATEGORIES, TIPS, SUBCOMMANDS]) {
    copy[field] = [...copy[field] as string[]].sort();
  }
  return copy;
}

function ourDocs(command: Command): Json {
  const reply = new RecordingReply();
  replyDocs(reply.face, command);
  const {
    summary: _,
    complexity: __,
    replaced_by: ___,
    subcommands: ____,
    ...docs
  } = asJson(reply.value) as Json;
  if (docs.history) {
    docs.history = (docs.history as string[][]).map(([version]) => version);
  }
  return docs;
}

Deno.test("COMMAND INFO tells of each command what Redis tells", () => {
  for (const command of knownCommands) {
    const facts = redisFacts[command.fullName];
    assert(facts, `Redis has no command ${command.fullName}`);
    const expected = sorted(facts.info);
    const ours = ourInfo(command);
    if (command.fullName in PARTIAL_CONTAINERS) {
      const known = expected[SUBCOMMANDS] as string[];
      for (const name of ours[SUBCOMMANDS] as string[]) {
        assert(known.includes(name), name);
      }
      expected[SUBCOMMANDS] = ours[SUBCOMMANDS];
    }
    assertEquals(ours, expected, command.fullName);
  }
});

Deno.test("COMMAND DOCS tells of each command what Redis tells", () => {
  for (const command of knownCommands) {
    const { docs } = redisFacts[command.fullName];
    const ours = withoutAdditions(command.fullName, ourDocs(command));
    assertEquals(ours, docs, command.fullName);
  }
});

Deno.test("a command that 7.2 lacks tells which version brought it", () => {
  const ours = everyCommand.filter((one) => !knownCommands.includes(one));
  assertEquals(
    Object.fromEntries(ours.map(({ fullName, since }) => [fullName, since])),
    NEW_COMMANDS,
  );
  for (const { fullName } of ours) assert(!(fullName in redisFacts), fullName);
});

Deno.test("the table of all commands proves itself", () => {
  assertEquals(new CommandTable(allCommands).count, allCommands.length);
});

Deno.test("each command has its prose, in whole phrases without a full stop", () => {
  for (const one of everyCommand) {
    const { fullName, summary, complexity, deprecated, history } = one;
    assert(/^[A-Z].*[^.\s]$/.test(summary), `the summary of ${fullName}`);
    for (const { notes } of one.keySpecs) assert(notes !== "", fullName);
    assert(deprecated?.replacedBy !== "", `what replaces ${fullName}`);
    assert(complexity === null || /^O\(|^Depends/.test(complexity), fullName);
    for (const [version, text] of history) {
      assert(/^[A-Z].*\.$/.test(text), `what ${version} did to ${fullName}`);
    }
  }
});
