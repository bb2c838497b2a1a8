/**
 * HELP of containers. Its lines come from the definitions that COMMAND DOCS
 * shows too, so that a subcommand and its help cannot drift apart.
 */
import type { Call } from "../call.ts";
import type { Argument } from "./args.ts";
import type { Command, SubcommandDefinition } from "./command.ts";

/** The HELP subcommand of a container. */
export function helpOf(
  container: string,
  since: string,
): SubcommandDefinition {
  return {
    name: "HELP",
    since,
    summary: `Explains the subcommands of ${container}`,
    complexity: "O(1)",
    flags: ["loading", "stale"],
    run(call) {
      const command = call.commands.findOriginal(container);
      if (!command) throw new Error(`there is no container ${container}`);
      helpReply(call, container, containerLines(command));
    },
  };
}

/** Replies in the shape of all HELP texts, around a command's own lines. */
export function helpReply(
  call: Call,
  name: string,
  lines: readonly string[],
): void {
  const { reply } = call;
  reply.array(lines.length + 3);
  reply.simple(
    `${name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. ` +
      "Subcommands are:",
  );
  for (const line of lines) reply.simple(line);
  reply.simple("HELP");
  reply.simple("    Print this help.");
}

function containerLines(container: Command): string[] {
  const lines: string[] = [];
  if (container.runsAlone) {
    lines.push("(no subcommand)", `    ${container.summary}.`);
  }
  for (const sub of container.subcommands) {
    if (sub.name === "HELP") continue;
    lines.push([sub.name, ...sub.args.map(syntaxOf)].join(" "));
    lines.push(`    ${sub.summary}.`);
  }
  return lines;
}

/** An argument as a syntax line shows it: `[FILTERBY (MODULE <name>|...)]`. */
export function syntaxOf(argument: Argument): string {
  const { isOptional, isMultiple } = argument.facts;
  const once = syntaxOnce(argument);
  const repeated = isMultiple ? `${once} [${once} ...]` : once;
  return isOptional ? `[${repeated}]` : repeated;
}

function syntaxOnce({ facts }: Argument): string {
  const { type, tokenText, displayText, parts, isOptional } = facts;
  if (type === "pure-token") return tokenText ?? displayText;
  const before = tokenText === null ? "" : `${tokenText} `;
  if (type === "block") return before + parts.map(syntaxOf).join(" ");
  if (type !== "oneof") return `${before}<${displayText}>`;
  const choice = parts.map(syntaxOf).join("|");
  // The brackets of an optional choice already hold it together.
  return isOptional && before === "" ? choice : `${before}(${choice})`;
}
