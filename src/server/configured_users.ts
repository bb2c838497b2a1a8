/** The `user` lines of a configuration. */
import { duplicateUser, hasBlanks } from "../acl/faults.ts";
import { faultOf, joinSelectors, Rules, Unmatched } from "../acl/rules.ts";
import type { Users } from "../acl/users.ts";
import { bytesFromText, latin1Of } from "../protocol/text.ts";
import type { Statement } from "./config/config.ts";
import { configFileError } from "./config/errors.ts";
import type { Log } from "./log.ts";

/** Makes the users, or throws StartError with the line that is wrong. */
export function loadConfiguredUsers(
  users: Users,
  statements: readonly Statement[],
  log: Log,
): void {
  const all = new Set<string>();
  for (const { args, place } of statements) {
    const fail = (word: string, reason: string) => {
      throw configFileError(
        `Error in user declaration '${word}': ${reason}`,
        place,
      );
    };
    const [name, ...words] = args.map((text) => latin1Of(bytesFromText(text)));
    if (all.has(name)) fail(args[0], duplicateUser.text);
    if (hasBlanks(name)) fail(args[0], "Spaces not allowed in ACL usernames");
    all.add(name);
    const joined = joinSelectors(words);
    if (joined instanceof Unmatched) {
      return fail(args[joined.index + 1], "Unmatched parenthesis");
    }
    const rules = Rules.empty(users.context);
    for (const rule of joined) {
      try {
        rules.apply(rule, users.context);
      } catch (thrown) {
        fail(rule, faultOf(thrown).text);
      }
    }
    users.define(name, rules);
    if (rules.isEnabled) continue;
    log.write(
      "notice",
      `The user '${args[0]}' is disabled (there is no 'on' modifier in the ` +
        "user description). Make sure this is not a configuration error.",
    );
  }
}
