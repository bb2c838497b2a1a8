import {
  defaultUserStays,
  failure,
  noUsersFile,
  passwordBits,
  quoted,
  subcommandSyntax,
  userNameWithBlanks,
  usersNotSaved,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { CATEGORIES, categoryBit } from "../define/flags.ts";
import { helpOf } from "../define/help.ts";
import { wordsFrom } from "../define/keys.ts";
import { dryRun } from "./acl_dry_run.ts";
import { showRefusals } from "./acl_log.ts";
import { showUser } from "./acl_user.ts";

const FLAGS = ["noscript", "loading", "stale"] as const;
const ADMIN_FLAGS = ["admin", ...FLAGS] as const;
const EVERYWHERE = [
  "request_policy:all_nodes",
  "response_policy:all_succeeded",
] as const;

/** The longest password that GENPASS makes. */
const PASSWORD_MAX_BITS = 4096;

/** ACL: users, and what they may do. */
export const acl = command({
  name: "ACL",
  group: "server",
  since: "6.0.0",
  summary: "Tells about users and their rights, and changes them",
  complexity: "Depends on the subcommand",
  flags: [],
  subcommands: [
    {
      name: "CAT",
      since: "6.0.0",
      summary: "Lists the categories of commands, or the commands of one",
      complexity: "O(1), since their number is fixed",
      flags: FLAGS,
      args: [arg.string("category").optional()],
      arity: -2,
      run: listCategories,
    },
    {
      name: "DELUSER",
      since: "6.0.0",
      summary: "Removes users and ends their connections",
      complexity: "O(N), N = connections",
      flags: ADMIN_FLAGS,
      tips: EVERYWHERE,
      args: [arg.string("username").multiple()],
      run: removeUsers,
    },
    {
      name: "DRYRUN",
      since: "7.0.0",
      summary: "Tells whether a user may run a command, and does not run it",
      complexity: "O(1)",
      flags: ADMIN_FLAGS,
      args: [
        arg.string("username"),
        arg.string("command"),
        arg.string("arg").optional().multiple(),
      ],
      run: dryRun,
    },
    {
      name: "GENPASS",
      since: "6.0.0",
      summary: "Makes a password that nobody guesses",
      complexity: "O(1)",
      flags: FLAGS,
      args: [arg.integer("bits").optional()],
      arity: -2,
      run: makePassword,
    },
    {
      name: "GETUSER",
      since: "6.0.0",
      summary: "Replies with the rights of a user",
      complexity: "O(N), N = passwords, commands and patterns of the user",
      flags: ADMIN_FLAGS,
      history: [
        ["6.2.0", "Channels are told too."],
        [
          "7.0.0",
          "Selectors are told too, and patterns as the rules that make them.",
        ],
      ],
      args: [arg.string("username")],
      run: showUser,
    },
    {
      name: "LIST",
      since: "6.0.0",
      summary: "Replies with all users and rules as an ACL file has them",
      complexity: "O(N), N = users",
      flags: ADMIN_FLAGS,
      run: ({ server, reply }) => replyTexts(reply, server.access.lines()),
    },
    {
      name: "LOAD",
      since: "6.0.0",
      summary: "Replaces all users by those of the ACL file",
      complexity: "O(N), N = users",
      flags: ADMIN_FLAGS,
      run: loadUsers,
    },
    {
      name: "LOG",
      since: "6.0.0",
      summary: "Lists what was refused of late",
      complexity: "O(N), N = entries shown",
      flags: ADMIN_FLAGS,
      history: [[
        "7.2.0",
        "An entry has a number, and the times of its beginning and last change.",
      ]],
      args: [
        arg.oneOf("operation", arg.integer("count"), arg.token("RESET"))
          .optional(),
      ],
      arity: -2,
      run: showRefusals,
    },
    {
      name: "SAVE",
      since: "6.0.0",
      summary: "Writes all users and rules to the ACL file",
      complexity: "O(N), N = users",
      flags: ADMIN_FLAGS,
      tips: EVERYWHERE,
      run: saveUsers,
    },
    {
      name: "SETUSER",
      since: "6.0.0",
      summary: "Gives a user more rules, a new one if need be",
      complexity: "O(N), N = rules given",
      flags: ADMIN_FLAGS,
      tips: EVERYWHERE,
      history: [
        ["6.2.0", "Rules for channels."],
        [
          "7.0.0",
          "Selectors, and patterns for keys that are only read or written.",
        ],
      ],
      args: [arg.string("username"), arg.string("rule").optional().multiple()],
      secrets: ({ argc }) => wordsFrom(2, argc),
      run: changeUser,
    },
    {
      name: "USERS",
      since: "6.0.0",
      summary: "Lists the names of all users",
      complexity: "O(N), N = users",
      flags: ADMIN_FLAGS,
      run: ({ server, reply }) => replyTexts(reply, server.access.names()),
    },
    {
      name: "WHOAMI",
      since: "6.0.0",
      summary: "Replies with the name of the connection's user",
      complexity: "O(1)",
      flags: FLAGS,
      run: ({ client, reply }) => reply.latin1(client.account.name),
    },
    helpOf("ACL", "6.0.0"),
  ],
});

function replyTexts(reply: Call["reply"], texts: readonly string[]): void {
  reply.array(texts.length);
  for (const text of texts) reply.latin1(text);
}

function listCategories(call: Call): void {
  const { reply, commands, argc } = call;
  if (argc > 3) throw subcommandSyntax("ACL", call.latin1(1));
  if (argc === 2) return replyTexts(reply, CATEGORIES);
  const bit = categoryBit(call.latin1(2));
  if (bit === 0) {
    throw failure(
      `ERR Unknown category '${quoted(call.latin1(2)).slice(0, 128)}'`,
    );
  }
  const found = commands.withSubcommands()
    .filter(({ categoryBits }) => categoryBits & bit);
  replyTexts(reply, found.map(({ fullName }) => fullName));
}

function makePassword(call: Call): void {
  if (call.argc > 3) throw subcommandSyntax("ACL", call.latin1(1));
  const bits = call.argc === 2 ? 256 : call.integer(2);
  if (bits <= 0 || bits > PASSWORD_MAX_BITS) throw passwordBits;
  const random = crypto.getRandomValues(new Uint8Array(PASSWORD_MAX_BITS / 8));
  // A digit has four bits.
  call.reply.bulk(random.toHex().slice(0, Math.ceil(bits / 4)));
}

function changeUser(call: Call): void {
  const name = call.latin1(2);
  if (/[ \t\n\v\f\r\0]/.test(name)) throw userNameWithBlanks;
  const rules: string[] = [];
  for (let i = 3; i < call.argc; i++) rules.push(call.latin1(i));
  const problem = call.server.access.change(name, rules);
  if (problem !== undefined) throw failure(`ERR ${problem}`);
  call.reply.ok();
}

function removeUsers(call: Call): void {
  const names: string[] = [];
  for (let i = 2; i < call.argc; i++) names.push(call.latin1(i));
  if (names.includes("default")) throw defaultUserStays;
  const { access } = call.server;
  call.reply.integer(names.filter((name) => access.remove(name)).length);
}

function loadUsers({ server, reply }: Call): void {
  if (!server.access.hasFile) throw noUsersFile;
  const problem = server.access.load();
  if (problem !== undefined) throw failure(`ERR ${problem}`);
  reply.ok();
}

function saveUsers({ server, reply }: Call): void {
  if (!server.access.hasFile) throw noUsersFile;
  if (!server.access.save()) throw usersNotSaved;
  reply.ok();
}
