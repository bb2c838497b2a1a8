/** One command as COMMAND DOCS tells it. */
import type { Reply } from "../../protocol/reply.ts";
import type { Argument } from "../define/args.ts";
import type { Change, Command } from "../define/command.ts";
import { replyStatusSet } from "./command_info.ts";

/** A map of what there is to tell; facts that a command lacks are left out. */
export function replyDocs(reply: Reply, command: Command): void {
  const { complexity, deprecated, history, args, subcommands } = command;
  const page = new Page(reply);
  page.text("summary", command.summary);
  page.text("since", command.since);
  page.text("group", command.group);
  page.text("complexity", complexity);
  const docFlags = docFlagsOf(command);
  if (docFlags.length > 0) {
    page.field("doc_flags", () => replyStatusSet(reply, docFlags));
  }
  if (deprecated) {
    page.text("deprecated_since", deprecated.since);
    page.text("replaced_by", deprecated.replacedBy);
  }
  if (history.length > 0) {
    page.field("history", () => replyHistory(reply, history));
  }
  if (args.length > 0) {
    page.field("arguments", () => replyArguments(reply, args));
  }
  if (subcommands.length > 0) {
    page.field("subcommands", () => replyAllDocs(reply, subcommands));
  }
  page.finish();
}

/** A map of full names to what there is to tell about each. */
export function replyAllDocs(
  reply: Reply,
  commands: readonly Command[],
): void {
  reply.map(commands.length);
  for (const command of commands) {
    reply.bulk(command.fullName);
    replyDocs(reply, command);
  }
}

/** Collects the fields of a map first, because its count comes before them. */
class Page {
  readonly #reply: Reply;
  readonly #fields: [name: string, write: () => void][] = [];

  constructor(reply: Reply) {
    this.#reply = reply;
  }

  field(name: string, write: () => void): void {
    this.#fields.push([name, write]);
  }

  text(name: string, value: string | null): void {
    if (value !== null) this.field(name, () => this.#reply.bulk(value));
  }

  finish(): void {
    this.#reply.map(this.#fields.length);
    for (const [name, write] of this.#fields) {
      this.#reply.bulk(name);
      write();
    }
  }
}

function docFlagsOf(command: Command): string[] {
  const flags: string[] = [];
  if (command.deprecated) flags.push("deprecated");
  if (command.isInternal) flags.push("syscmd");
  return flags;
}

function replyHistory(reply: Reply, history: readonly Change[]): void {
  reply.set(history.length);
  for (const [version, text] of history) {
    reply.array(2);
    reply.bulk(version);
    reply.bulk(text);
  }
}

function replyArguments(reply: Reply, args: readonly Argument[]): void {
  reply.array(args.length);
  for (const argument of args) replyArgument(reply, argument);
}

function replyArgument(reply: Reply, { facts }: Argument): void {
  const page = new Page(reply);
  const hasParts = facts.type === "oneof" || facts.type === "block";
  page.text("name", facts.name);
  page.text("type", facts.type);
  if (!hasParts) page.text("display_text", facts.displayText);
  if (facts.keySpecIndex >= 0) {
    page.field("key_spec_index", () => reply.integer(facts.keySpecIndex));
  }
  page.text("token", facts.tokenText);
  page.text("since", facts.sinceVersion);
  page.text("deprecated_since", facts.deprecatedVersion);
  const flags = [
    ...facts.isOptional ? ["optional"] : [],
    ...facts.isMultiple ? ["multiple"] : [],
    ...facts.repeatsToken ? ["multiple_token"] : [],
  ];
  if (flags.length > 0) {
    page.field("flags", () => replyStatusSet(reply, flags));
  }
  if (hasParts) {
    page.field("arguments", () => replyArguments(reply, facts.parts));
  }
  page.finish();
}
