/** One command as COMMAND and COMMAND INFO tell it. */
import type { Reply } from "../../protocol/reply.ts";
import type { Command } from "../define/command.ts";
import { categoriesOf, type KeyFlag, visibleFlags } from "../define/flags.ts";
import type { BeginSearch, FindKeys, KeySpec } from "../define/key_specs.ts";

/** Ten facts, the last being the same about each subcommand. */
export function replyInfo(reply: Reply, command: Command): void {
  const { firstKey, lastKey, keyStep } = command.legacyRange;
  reply.array(10);
  reply.bulk(command.fullName);
  reply.integer(command.arity);
  replyStatusSet(reply, visibleFlags(command.flagBits));
  reply.integer(firstKey);
  reply.integer(lastKey);
  reply.integer(keyStep);
  replyStatusSet(
    reply,
    categoriesOf(command.categoryBits).map((category) => `@${category}`),
  );
  reply.set(command.tips.length);
  for (const tip of command.tips) reply.bulk(tip);
  reply.set(command.keySpecs.length);
  for (const spec of command.keySpecs) replyKeySpec(reply, spec);
  if (command.subcommands.length === 0) reply.set(0);
  else reply.array(command.subcommands.length);
  for (const subcommand of command.subcommands) replyInfo(reply, subcommand);
}

/** The flags of a key, as a set of simple strings. */
export function replyKeyFlags(reply: Reply, flags: readonly KeyFlag[]): void {
  replyStatusSet(reply, flags);
}

/** A set of simple strings. */
export function replyStatusSet(reply: Reply, texts: readonly string[]): void {
  reply.set(texts.length);
  for (const text of texts) reply.simple(text);
}

function replyKeySpec(reply: Reply, spec: KeySpec): void {
  reply.map(spec.notes === null ? 3 : 4);
  if (spec.notes !== null) {
    reply.bulk("notes");
    reply.bulk(spec.notes);
  }
  reply.bulk("flags");
  replyKeyFlags(reply, spec.flags);
  reply.bulk("begin_search");
  replyTyped(reply, spec.beginSearch.type, beginFields(spec.beginSearch));
  reply.bulk("find_keys");
  replyTyped(reply, spec.findKeys.type, findFields(spec.findKeys));
}

type Field = readonly [name: string, value: string | number];

function beginFields(begin: BeginSearch): Field[] {
  switch (begin.type) {
    case "index":
      return [["index", begin.index]];
    case "keyword":
      return [["keyword", begin.keyword], ["startfrom", begin.startFrom]];
    case "unknown":
      return [];
  }
}

function findFields(find: FindKeys): Field[] {
  switch (find.type) {
    case "range":
      return [
        ["lastkey", find.lastKey],
        ["keystep", find.keyStep],
        ["limit", find.limit],
      ];
    case "keynum":
      return [
        ["keynumidx", find.keyNumIndex],
        ["firstkey", find.firstKey],
        ["keystep", find.keyStep],
      ];
    case "unknown":
      return [];
  }
}

function replyTyped(
  reply: Reply,
  type: string,
  fields: readonly Field[],
): void {
  reply.map(2);
  reply.bulk("type");
  reply.bulk(type);
  reply.bulk("spec");
  reply.map(fields.length);
  for (const [name, value] of fields) {
    reply.bulk(name);
    if (typeof value === "number") reply.integer(value);
    else reply.bulk(value);
  }
}
