import { failure, quoted, wrongArity } from "../../protocol/errors.ts";
import type { Denial } from "../access.ts";
import type { Call } from "../call.ts";
import type { Command } from "../define/command.ts";
import type { Words } from "../define/keys.ts";

/** Where the command begins that is not run. */
const START = 3;

/** ACL DRYRUN. */
export function dryRun(call: Call): void {
  const user = call.latin1(2);
  const account = call.server.access.find(user);
  if (account === undefined) {
    throw failure(`ERR User '${quoted(user)}' not found`);
  }
  const words: Words = {
    argc: call.argc - START,
    latin1: (index) => call.latin1(START + index),
    is: (index, option) => call.is(START + index, option),
  };
  const command = findCommand(call, words);
  const { argc } = words;
  if (argc < command.minArgs || argc > command.maxArgs) {
    throw wrongArity(command.fullName);
  }
  const denial = account.denialOf(command, words);
  if (denial === null) return call.reply.ok();
  const word = words.latin1(denial.index);
  call.reply.latin1(explanation(denial, user, command, word));
}

function findCommand({ commands }: Call, words: Words): Command {
  const name = words.latin1(0);
  const command = commands.find(name);
  const isWhole = command !== undefined &&
    (command.subcommands.length === 0 || words.argc === 1);
  const found = isWhole
    ? command
    : command?.subcommand(words.latin1(1).toLowerCase());
  if (found === undefined) {
    throw failure(`ERR Command '${quoted(name)}' not found`);
  }
  return found;
}

function explanation(
  { reason }: Denial,
  user: string,
  { fullName }: Command,
  word: string,
): string {
  return reason === "command"
    ? `User ${user} has no permissions to run the '${fullName}' command`
    : `User ${user} has no permissions to access the '${word}' ${reason}`;
}
