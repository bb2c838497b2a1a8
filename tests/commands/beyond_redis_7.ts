/**
 * What we have of later versions of Redis: the tests that compare our commands
 * with the facts of Redis 7.2.4 leave out just this, and prove that each of
 * these names the version that brought it.
 */

/** Commands that 7.2 does not know, by full name. */
export const NEW_COMMANDS: Readonly<Record<string, string>> = {
  "delex": "8.4.0",
  "digest": "8.4.0",
  "hexpire": "7.4.0",
  "hexpireat": "7.4.0",
  "hexpiretime": "7.4.0",
  "hgetdel": "8.0.0",
  "hgetex": "8.0.0",
  "hpersist": "7.4.0",
  "hpexpire": "7.4.0",
  "hpexpireat": "7.4.0",
  "hpexpiretime": "7.4.0",
  "hpttl": "7.4.0",
  "hsetex": "8.0.0",
  "httl": "7.4.0",
  "increx": "8.8.0",
  "msetex": "8.4.0",
  "sdiffcard": "8.10.0",
  "sunioncard": "8.10.0",
};

/** Arguments, by the names in COMMAND DOCS, that commands of 7.2 have now. */
const NEW_ARGUMENTS: Readonly<Record<string, Record<string, string>>> = {
  "bitop": { diff: "8.2.0", diff1: "8.2.0", andor: "8.2.0", one: "8.2.0" },
  "client|kill": { maxage: "7.4.0" },
  "hscan": { novalues: "7.4.0" },
  "set": {
    "ifeq-value": "8.4.0",
    "ifne-value": "8.4.0",
    "ifdeq-digest": "8.4.0",
    "ifdne-digest": "8.4.0",
  },
  "zscan": { noscores: "7.4.0" },
  "zinter": { count: "8.8.0" },
  "zinterstore": { count: "8.8.0" },
  "zunion": { count: "8.8.0" },
  "zunionstore": { count: "8.8.0" },
};

/** Lines in the history of commands of 7.2. */
const NEW_HISTORY: Readonly<Record<string, string[]>> = {
  "set": ["8.4.0"],
};

interface DocumentedArgument {
  name: string;
  since?: string;
  arguments?: DocumentedArgument[];
}

/**
 * A command's COMMAND DOCS as it was in 7.2. Throws when it lacks an addition
 * that is listed here, or has it with another version.
 */
export function withoutAdditions(
  fullName: string,
  docs: Record<string, unknown>,
): Record<string, unknown> {
  const expected = new Map(Object.entries(NEW_ARGUMENTS[fullName] ?? {}));
  const prune = (list: DocumentedArgument[]): DocumentedArgument[] =>
    list.filter(({ name, since }) => {
      if (!expected.has(name) || expected.get(name) !== since) return true;
      return !expected.delete(name);
    }).map((one) =>
      one.arguments ? { ...one, arguments: prune(one.arguments) } : one
    );
  const pruned = { ...docs };
  if (docs.arguments) {
    pruned.arguments = prune(docs.arguments as DocumentedArgument[]);
  }
  if (expected.size > 0) {
    throw new Error(`${fullName} lacks ${[...expected.keys()]}`);
  }
  const versions = NEW_HISTORY[fullName] ?? [];
  if (versions.length > 0) {
    const history = docs.history as string[];
    const at = history.length - versions.length;
    if (history.slice(at).join() !== versions.join()) {
      throw new Error(`${fullName} lacks the history of ${versions}`);
    }
    pruned.history = history.slice(0, at);
  }
  return pruned;
}
