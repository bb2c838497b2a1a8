/** COMMAND: what the server can do, told by the commands' own definitions. */
import { globMatch } from "../../protocol/glob.ts";
import { failure, syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { type Command, command } from "../define/command.ts";
import { categoryBit, NO_MANDATORY_KEYS } from "../define/flags.ts";
import { helpOf } from "../define/help.ts";
import { type FoundKey, hasKeys, keysOf, type Words } from "../define/keys.ts";
import { replyAllDocs } from "./command_docs.ts";
import { replyInfo, replyKeyFlags } from "./command_info.ts";

export const commandCommand = command({
  name: "COMMAND",
  group: "server",
  since: "2.8.13",
  summary: "Tells the facts about every command",
  complexity: "O(N), N = commands of the server",
  flags: ["loading", "stale"],
  categories: ["connection"],
  tips: ["nondeterministic_output_order"],
  run: replyEveryInfo,
  subcommands: [
    {
      name: "COUNT",
      since: "2.8.13",
      summary: "Counts the commands of the server",
      complexity: "O(1)",
      flags: ["loading", "stale"],
      run: (call) => call.reply.integer(call.commands.count),
    },
    {
      name: "LIST",
      since: "7.0.0",
      summary: "Names all commands, or those that pass a filter",
      complexity: "O(N), N = commands of the server",
      flags: ["loading", "stale"],
      tips: ["nondeterministic_output_order"],
      args: [
        arg.oneOf(
          "filterby",
          arg.string("module-name").token("MODULE"),
          arg.string("category").token("ACLCAT"),
          arg.pattern("pattern").token("PATTERN"),
        ).token("FILTERBY").optional(),
      ],
      run: listNames,
    },
    {
      name: "INFO",
      since: "2.8.13",
      summary: "Tells the facts about the named commands, or about all",
      complexity: "O(N), N = names given",
      flags: ["loading", "stale"],
      tips: ["nondeterministic_output_order"],
      history: [["7.0.0", "Without a name it tells about all commands."]],
      args: [arg.string("command-name").optional().multiple()],
      run: replyNamedInfo,
    },
    {
      name: "DOCS",
      since: "7.0.0",
      summary: "Shows the manual of the named commands, or of all",
      complexity: "O(N), N = names given",
      flags: ["loading", "stale"],
      tips: ["nondeterministic_output_order"],
      args: [arg.string("command-name").optional().multiple()],
      run: replyNamedDocs,
    },
    {
      name: "GETKEYS",
      since: "2.8.13",
      summary: "Picks the keys out of a whole command",
      complexity: "O(N), N = words of the command",
      flags: ["loading", "stale"],
      args: [arg.string("command"), arg.string("arg").optional().multiple()],
      run: (call) =>
        replyKeys(call, (key) => call.reply.bulk(call.bytes(key.index))),
    },
    {
      name: "GETKEYSANDFLAGS",
      since: "7.0.0",
      summary:
        "Picks the keys out of a whole command, and what it does to each",
      complexity: "O(N), N = words of the command",
      flags: ["loading", "stale"],
      args: [arg.string("command"), arg.string("arg").optional().multiple()],
      run: (call) =>
        replyKeys(call, (key) => {
          call.reply.array(2);
          call.reply.bulk(call.bytes(key.index));
          replyKeyFlags(call.reply, key.flags);
        }),
    },
    helpOf("COMMAND", "5.0.0"),
  ],
});

function replyEveryInfo(call: Call): void {
  call.reply.array(call.commands.count);
  for (const one of call.commands.enabled()) replyInfo(call.reply, one);
}

function replyNamedInfo(call: Call): void {
  if (call.argc === 2) return replyEveryInfo(call);
  call.reply.array(call.argc - 2);
  for (let i = 2; i < call.argc; i++) {
    const found = call.commands.findFull(call.latin1(i));
    if (found) replyInfo(call.reply, found);
    else call.reply.null();
  }
}

function replyNamedDocs(call: Call): void {
  if (call.argc === 2) {
    return replyAllDocs(call.reply, [...call.commands.enabled()]);
  }
  const found: Command[] = [];
  for (let i = 2; i < call.argc; i++) {
    const one = call.commands.findFull(call.latin1(i));
    if (one) found.push(one);
  }
  replyAllDocs(call.reply, found);
}

type Filter = (command: Command) => boolean;

function listNames(call: Call): void {
  const passes = filterOf(call);
  const names: string[] = [];
  for (const one of call.commands.enabled()) {
    for (const each of [one, ...one.subcommands]) {
      if (passes(each)) names.push(each.fullName);
    }
  }
  call.reply.array(names.length);
  for (const name of names) call.reply.bulk(name);
}

function filterOf(call: Call): Filter {
  if (call.argc === 2) return () => true;
  if (call.argc !== 5 || !call.is(2, "FILTERBY")) throw syntaxError;
  const wanted = call.latin1(4);
  if (call.is(3, "MODULE")) return () => false;
  if (call.is(3, "ACLCAT")) {
    const bit = categoryBit(wanted);
    return (one) => (one.categoryBits & bit) !== 0;
  }
  if (!call.is(3, "PATTERN")) throw syntaxError;
  return (one) => globMatch(wanted, one.fullName, true);
}

/** Where the command to look into begins among COMMAND GETKEYS's own words. */
const INNER = 2;

/** Replies with the keys of the command that follows, each written by `one`. */
function replyKeys(call: Call, one: (key: FoundKey) => void): void {
  const inner: Words = {
    argc: call.argc - INNER,
    latin1: (index) => call.latin1(index + INNER),
    is: (index, option) => call.is(index + INNER, option),
  };
  const found = innerCommand(call, inner);
  if (!found) throw failure("ERR Invalid command specified");
  if (!hasKeys(found)) throw failure("ERR The command has no key arguments");
  if (inner.argc < found.minArgs || inner.argc > found.maxArgs) {
    throw failure("ERR Invalid number of arguments specified for command");
  }
  const keys = keysOf(found, inner);
  if (keys.length === 0 && (found.flagBits & NO_MANDATORY_KEYS) === 0) {
    throw failure("ERR Invalid arguments specified for command");
  }
  call.reply.array(keys.length);
  for (const { index, flags } of keys) one({ index: index + INNER, flags });
}

/** A container alone is itself; with a second word it is its subcommand. */
function innerCommand(call: Call, inner: Words): Command | undefined {
  const found = call.commands.find(inner.latin1(0));
  return found && found.subcommands.length > 0 && inner.argc > 1
    ? found.subcommand(inner.latin1(1).toLowerCase())
    : found;
}
