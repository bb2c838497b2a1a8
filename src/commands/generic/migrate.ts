/** MIGRATE: keys move to another server, in one piece each. */
import { MISSING } from "../../keyspace/keyspace.ts";
import { migrateKeyNotEmpty, syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { type DeclaredKeySpec, keyRange } from "../define/key_specs.ts";
import type { FoundKey, Words } from "../define/keys.ts";
import { Migration } from "./migration.ts";

const USUAL_TIMEOUT_MS = 1000;
/** A timer takes no longer time. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;
const FIRST_OPTION = 6;
/** Options, and how many words follow each. */
const OPTION_WORDS = [["COPY", 0], ["REPLACE", 0], ["AUTH", 1], ["AUTH2", 2]];

const keySpecs: readonly DeclaredKeySpec[] = [{
  flags: ["RW", "access", "delete"],
  beginSearch: { type: "index", index: 3 },
  findKeys: keyRange(),
}, {
  flags: ["RW", "access", "delete", "incomplete"],
  beginSearch: { type: "keyword", keyword: "KEYS", startFrom: -2 },
  findKeys: keyRange(-1),
}];

export const migrate = command({
  name: "MIGRATE",
  group: "generic",
  since: "2.6.0",
  summary: "Moves keys to another server",
  complexity: "O(N), N = size of the values; they are dumped and sent",
  flags: ["write"],
  categories: ["keyspace", "dangerous"],
  tips: ["nondeterministic_output"],
  history: [
    ["3.0.0", "Knows COPY and REPLACE."],
    ["3.0.6", "Knows KEYS."],
    ["4.0.7", "Knows AUTH."],
    ["6.0.0", "Knows AUTH2."],
  ],
  args: [
    arg.string("host"),
    arg.integer("port"),
    arg.oneOf(
      "key-selector",
      arg.key("key").keySpec(0),
      arg.token("", "empty-string"),
    ),
    arg.integer("destination-db"),
    arg.integer("timeout"),
    arg.token("COPY").since("3.0.0").optional(),
    arg.token("REPLACE").since("3.0.0").optional(),
    arg.oneOf(
      "authentication",
      arg.string("auth").token("AUTH").display("password").since("4.0.7"),
      arg.block("auth2", arg.string("username"), arg.string("password"))
        .token("AUTH2").since("6.0.0"),
    ).optional(),
    arg.key("keys").keySpec(1).token("KEYS").display("key").since("3.0.6")
      .optional().multiple(),
  ],
  keySpecs,
  keysFrom: migratedKeys,
  secrets: passwords,
  run(call) {
    const options = optionsOf(call);
    const timeoutMs = call.integer(5);
    const database = call.integer(4);
    const keys: Uint8Array[] = [];
    for (let key = options.firstKey; key <= options.lastKey; key++) {
      if (call.db.peekDue(key) !== MISSING) keys.push(call.bytes(key));
    }
    if (keys.length === 0) return call.reply.simple("NOKEY");
    const { copies, replaces, auth } = options;
    const migration = new Migration({
      targets: call.server.targets,
      host: call.text(1),
      port: Number.parseInt(call.latin1(2)) || 0,
      timeoutMs: timeoutMs > 0
        ? Math.min(timeoutMs, TIMEOUT_MAX_MS)
        : USUAL_TIMEOUT_MS,
      ...{ database, copies, replaces, auth },
    }, keys);
    migration.goOn(call);
  },
});

function optionsOf(call: Call) {
  const options = {
    copies: false,
    replaces: false,
    auth: [] as Uint8Array[],
    firstKey: 3,
    lastKey: 3,
  };
  for (let i = FIRST_OPTION; i < call.argc; i++) {
    const left = call.argc - 1 - i;
    if (call.is(i, "COPY")) options.copies = true;
    else if (call.is(i, "REPLACE")) options.replaces = true;
    else if (call.is(i, "AUTH") && left >= 1) {
      options.auth = [call.bytes(++i)];
    } else if (call.is(i, "AUTH2") && left >= 2) {
      options.auth = [call.bytes(++i), call.bytes(++i)];
    } else if (call.is(i, "KEYS")) {
      if (call.byteCount(3) !== 0) throw migrateKeyNotEmpty;
      options.firstKey = i + 1;
      options.lastKey = call.argc - 1;
      break;
    } else throw syntaxError;
  }
  return options;
}

/** What stands behind AUTH and AUTH2. */
function* passwords(words: Words): Iterable<number> {
  for (let i = FIRST_OPTION; i < words.argc; i++) {
    if (words.is(i, "KEYS")) return;
    const count = words.is(i, "AUTH") ? 1 : words.is(i, "AUTH2") ? 2 : 0;
    for (let n = 0; n < count && i + 1 < words.argc; n++) yield ++i;
  }
}

/** The keys behind KEYS, else the one key. */
function migratedKeys(words: Words): readonly FoundKey[] {
  const flags = ["RW", "access", "delete"] as const;
  if (words.latin1(3) !== "") return [{ index: 3, flags }];
  for (let i = FIRST_OPTION; i < words.argc; i++) {
    const option = OPTION_WORDS.find(([name]) => words.is(i, String(name)));
    if (option) i += Number(option[1]);
    else if (words.is(i, "KEYS")) {
      const count = words.argc - 1 - i;
      return Array.from({ length: count }, (_, n) => ({
        index: i + 1 + n,
        flags,
      }));
    }
  }
  return [{ index: 3, flags }];
}
