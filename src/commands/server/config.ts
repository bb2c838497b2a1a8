import { failure } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { helpOf } from "../define/help.ts";
import type { Words } from "../define/keys.ts";

const FLAGS = ["admin", "noscript", "loading", "stale"] as const;

/** CONFIG: settings at run time. */
export const config = command({
  name: "CONFIG",
  group: "server",
  since: "2.0.0",
  summary: "Reads and changes settings while the server runs",
  complexity: "Depends on the subcommand",
  flags: [],
  subcommands: [
    {
      name: "GET",
      since: "2.0.0",
      summary: "Replies with the settings whose names match",
      complexity: "O(N), N = settings for each pattern",
      flags: FLAGS,
      history: [["7.0.0", "Several patterns may be given at once."]],
      args: [arg.string("parameter").multiple()],
      run: getSettings,
    },
    {
      name: "RESETSTAT",
      since: "2.0.0",
      summary: "Starts the counters of INFO again at zero",
      complexity: "O(1)",
      flags: FLAGS,
      tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
      run(call) {
        call.server.resetStatistics();
        call.reply.ok();
      },
    },
    {
      name: "REWRITE",
      since: "2.8.0",
      summary: "Writes the settings in force to the configuration file",
      complexity: "O(1)",
      flags: FLAGS,
      tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
      run(call) {
        const problem = call.server.config.rewrite();
        if (problem !== undefined) throw failure(problem);
        call.reply.ok();
      },
    },
    {
      name: "SET",
      since: "2.0.0",
      summary: "Changes settings, all of them or none",
      complexity: "O(N), N = settings given",
      flags: FLAGS,
      tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
      history: [["7.0.0", "Several settings may be given at once."]],
      args: [
        arg.block("data", arg.string("parameter"), arg.string("value"))
          .multiple(),
      ],
      secrets: passwords,
      run: changeSettings,
    },
    helpOf("CONFIG", "5.0.0"),
  ],
});

/** Settings whose values nobody else may see. */
const SECRET_SETTINGS: ReadonlySet<string> = new Set([
  "masteruser",
  "masterauth",
  "requirepass",
  "tls-key-file-pass",
  "tls-client-key-file-pass",
]);

function* passwords(words: Words): Iterable<number> {
  for (let i = 2; i + 1 < words.argc; i += 2) {
    if (SECRET_SETTINGS.has(words.latin1(i).toLowerCase())) yield i + 1;
  }
}

function getSettings(call: Call): void {
  const patterns = [];
  for (let i = 2; i < call.argc; i++) patterns.push(call.bytes(i));
  const found = call.server.config.getPattern(patterns);
  call.reply.map(found.length);
  for (const [name, value] of found) {
    call.reply.bulk(name);
    call.reply.bulk(value);
  }
}

function changeSettings(call: Call): void {
  const pairs = [];
  for (let i = 2; i < call.argc; i++) pairs.push(call.bytes(i));
  const { isLocal } = call.client;
  const problem = call.server.config.set(pairs, { isLocal });
  if (problem !== undefined) throw failure(problem);
  call.reply.ok();
}
