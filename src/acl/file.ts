/**
 * The ACL file: a line `user <name> <rule> ...` for each user. It is read as a
 * whole or not at all; a comment is an error, since ACL SAVE would lose it.
 */
import { hasBlanks, type RuleFault } from "./faults.ts";
import { faultOf, joinSelectors, Rules, Unmatched } from "./rules.ts";
import type { RuleContext } from "./selector.ts";

/**
 * The users of a file, or all that is wrong with it in one line. `text` has one
 * char per byte.
 */
export function readUsersFile(
  text: string,
  fileName: string,
  context: RuleContext,
): Map<string, Rules> | string {
  const users = new Map<string, Rules>();
  let errors = "";
  text.split("\n").forEach((untrimmed, index) => {
    const line = untrimmed.replace(/^[ \t\r]+|[ \t\r]+$/g, "");
    if (line === "") return;
    const number = index + 1;
    const [keyword, name, ...words] = line.split(" ");
    const place = `${fileName}:${number}`;
    if (keyword !== "user" || name === undefined) {
      errors += `${place} should start with user keyword followed by the ` +
        "username. ";
    } else if (hasBlanks(name)) {
      errors += `'${place}: username '${name}' contains invalid characters. `;
    } else if (users.has(name)) {
      errors += `WARNING: Duplicate user '${name}' found on line ${number}. `;
    } else {
      const rules = Rules.empty(context);
      users.set(name, rules);
      errors += applyLine(rules, words, place, context);
    }
  });
  if (errors === "") return users;
  return `${errors}WARNING: ACL errors detected, no change to the previously ` +
    "active ACL rules was performed";
}

/** Applies what it can; returns what is wrong with the rest. */
function applyLine(
  rules: Rules,
  words: readonly string[],
  place: string,
  context: RuleContext,
): string {
  const joined = joinSelectors(words);
  if (joined instanceof Unmatched) {
    return `${place}: Unmatched parenthesis in selector definition.`;
  }
  let errors = "";
  let first: RuleFault | null = null;
  for (const untrimmed of joined) {
    const rule = untrimmed.replace(/^[\t\r]+|[\t\r]+$/g, "");
    try {
      rules.apply(rule, context);
    } catch (thrown) {
      const fault = faultOf(thrown);
      if (fault.isUnknownName) {
        errors += `${place}: Error in applying operation '${rule}': ` +
          `${fault.text}. `;
      } else if (first === null) {
        // What may be a password is not shown, and what follows may come of it.
        first = fault;
        errors += `${place}: ${fault.text}. `;
      }
    }
  }
  return errors;
}
