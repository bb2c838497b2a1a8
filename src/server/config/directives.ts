/**
 * Every directive of Redis 7.2.4, one row each, in the files of `directives/`.
 * To add one, add its row there: its name and type are derived from the table.
 * (`include`, `user`, `rename-command` and `loadmodule` are statements of the
 * file, not settings, and belong to parse.ts.)
 */
import type { Directive } from "./directive.ts";
import { clientDirectives } from "./directives/clients.ts";
import { clusterDirectives } from "./directives/cluster.ts";
import { generalDirectives } from "./directives/general.ts";
import { kernelDirectives } from "./directives/kernel.ts";
import { memoryDirectives } from "./directives/memory.ts";
import { networkDirectives } from "./directives/network.ts";
import { persistenceDirectives } from "./directives/persistence.ts";
import { replicationDirectives } from "./directives/replication.ts";
import { tlsDirectives } from "./directives/tls.ts";
import { asciiLowerCase } from "../../protocol/text.ts";

const table = {
  ...networkDirectives,
  ...tlsDirectives,
  ...generalDirectives,
  ...persistenceDirectives,
  ...replicationDirectives,
  ...clientDirectives,
  ...memoryDirectives,
  ...kernelDirectives,
  ...clusterDirectives,
};

export type DirectiveName = keyof typeof table;

/** The type of each directive's value. */
export type Values = {
  readonly [N in DirectiveName]: (typeof table)[N] extends Directive<infer T>
    ? T
    : never;
};

export const DIRECTIVES: {
  readonly [N in DirectiveName]: Directive<Values[N]>;
} = Object.freeze(table);

export const DIRECTIVE_NAMES: readonly DirectiveName[] = Object.freeze(
  Object.keys(table) as DirectiveName[],
);

/** A directive as a client named it: by its own name or by its alias. */
export interface NamedDirective {
  /** The name or alias, in its usual letters. */
  readonly shownName: string;
  readonly name: DirectiveName;
}

const named = new Map<string, NamedDirective>();
for (const name of DIRECTIVE_NAMES) {
  for (const shownName of [name, DIRECTIVES[name].alias]) {
    if (shownName === undefined) continue;
    if (named.has(shownName)) throw new Error(`${shownName} is there twice`);
    named.set(shownName, Object.freeze({ shownName, name }));
  }
}

/** All names and aliases, each alias after the name that it stands for. */
export const NAMED_DIRECTIVES: readonly NamedDirective[] = Object.freeze([
  ...named.values(),
]);

/** Finds a directive by name or alias without regard to case. */
export function findDirective(name: string): NamedDirective | undefined {
  return named.get(asciiLowerCase(name));
}
