/** Whether all commands are compared, in both protocols. */
import { assertEquals } from "@std/assert";
import { allCommands } from "../../src/commands/index.ts";
import { groups } from "./cases/all.ts";
import type { Protocol, Script, Step } from "./script.ts";

/** Commands that the recorded server does not have. */
const NEWER: ReadonlySet<string> = new Set([
  ...["delex", "digest", "increx", "msetex", "sdiffcard", "sunioncard"],
  ...["hexpire", "hexpireat", "hexpiretime", "hpersist", "httl"],
  ...["hpexpire", "hpexpireat", "hpexpiretime", "hpttl"],
  ...["hgetdel", "hgetex", "hsetex"],
]);

const RESP3: Protocol = 3;

/** The names that a step is a call of: command, and perhaps subcommand. */
function namesOf(step: Step): string[] {
  if (!("args" in step)) return [];
  if (step.act === "scan") return ["scan"];
  const [name, sub] = step.args.map((word) => word.toLowerCase());
  return [name, `${name}|${sub}`];
}

function comparedIn(script: Script): string[] {
  return script.protocols.includes(RESP3) ? script.steps.flatMap(namesOf) : [];
}

Deno.test("every command is called in RESP3 and compared", () => {
  const compared = new Set(
    groups.flatMap(({ scripts }) => scripts.flatMap(comparedIn)),
  );
  const all = allCommands.flatMap((command) =>
    command.subcommands.length === 0
      ? [command.fullName]
      : command.subcommands.map(({ fullName }) => fullName)
  );
  const isMissing = (name: string) => !compared.has(name) && !NEWER.has(name);
  assertEquals(all.filter(isMissing), []);
});
