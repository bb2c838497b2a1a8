/**
 * `command({...})`: one command's manual page and its handler in one object.
 *
 * A definition states each fact once; everything else that Redis tells about a
 * command is derived from it here. The result is frozen and knows no server,
 * so that all servers of a process share it. What differs between servers
 * (renamed and disabled commands) is in `CommandTable`.
 */
import type { Call, Wait } from "../call.ts";
import type { Argument } from "./args.ts";
import {
  arityOf,
  categoriesOfGroup,
  categoryBitsOf,
  type Group,
} from "./derive.ts";
import {
  bitsOfFlags,
  type Category,
  type DeclaredFlag,
  MOVABLE_KEYS,
} from "./flags.ts";
import {
  type DeclaredKeySpec,
  frozenKeySpec,
  type KeySpec,
  keySpecsFrom,
  type LegacyRange,
  legacyRange,
  type LocatedKeys,
} from "./key_specs.ts";
import type { FoundKey, Words } from "./keys.ts";

export type Handler = (call: Call) => void;

/** How a command behaves towards a cluster's proxies, in Redis's own terms. */
export type Tip =
  | "nondeterministic_output"
  | "nondeterministic_output_order"
  | `request_policy:${
    | "all_nodes"
    | "all_shards"
    | "multi_shard"
    | "special"}`
  | `response_policy:${
    | "agg_logical_and"
    | "agg_min"
    | "agg_sum"
    | "all_succeeded"
    | "one_succeeded"
    | "special"}`;

/** A version, and what it changed. */
export type Change = readonly [version: string, text: string];

interface DefinitionFacts {
  /** In capitals, as the manual writes it. */
  readonly name: string;
  readonly since: string;
  readonly summary: string;
  readonly complexity?: string;
  readonly flags: readonly DeclaredFlag[];
  /**
   * ACL categories in place of the group's own one. Those that follow from
   * flags (write, fast, admin, ...) come by themselves.
   */
  readonly categories?: readonly Category[];
  readonly tips?: readonly Tip[];
  readonly args?: readonly Argument[];
  /** Only where Redis accepts another number of words than it documents. */
  readonly arity?: number;
  /** Only where the arguments cannot tell where the keys are. */
  readonly keySpecs?: readonly DeclaredKeySpec[];
  /** Finds the keys of one call where the specs cannot. */
  readonly keysFrom?: (words: Words) => readonly FoundKey[];
  /** The words that nobody else may see: passwords. */
  readonly secrets?: (words: Words) => Iterable<number>;
  readonly deprecated?: {
    readonly since: string;
    readonly replacedBy: string;
  };
  readonly history?: readonly Change[];
  /** Marks what servers and testers use, and clients do not. */
  readonly isInternal?: boolean;
}

/** A command under a container: `CONFIG GET` is the GET of CONFIG. */
export interface SubcommandDefinition extends DefinitionFacts {
  readonly run: Handler;
}

export type CommandDefinition =
  & DefinitionFacts
  & {
    readonly group: Group;
    /** The number of the engine's own operation for a hot command. */
    readonly hot?: number;
    /** How it waits, where the engine's operation may begin to. */
    readonly waitOf?: (call: Call) => Wait;
  }
  & (
    | {
      readonly run: Handler;
      readonly subcommands?: readonly SubcommandDefinition[];
    }
    | {
      readonly run?: undefined;
      readonly subcommands: readonly SubcommandDefinition[];
    }
  );

/** `maxArgs` of a variadic command. A small integer, which Infinity is not. */
export const UNBOUNDED = 0x3fff_ffff;

export class Command {
  /** "GET", also for the GET of CONFIG. */
  readonly name: string;
  /** "get", "config|get". */
  readonly fullName: string;
  readonly group: Group;
  readonly since: string;
  readonly summary: string;
  readonly complexity: string | null;
  readonly tips: readonly Tip[];
  readonly args: readonly Argument[];
  readonly deprecated: CommandDefinition["deprecated"] | null;
  readonly history: readonly Change[];
  readonly isInternal: boolean;
  /** The number of the engine's own operation; 0 when it has none. */
  readonly hot: number;
  readonly waitOf: ((call: Call) => Wait) | null;
  readonly subcommands: readonly Command[];
  readonly run: Handler;
  /** Whether a call without a subcommand means something. */
  readonly runsAlone: boolean;

  /** Redis's sign convention: n words exactly, or -n for n or more. */
  readonly arity: number;
  /** The fewest and the most words of a call, the name included. */
  readonly minArgs: number;
  readonly maxArgs: number;
  /** Flags as bits of `flags.ts`, `movablekeys` among them. */
  readonly flagBits: number;
  readonly categoryBits: number;
  readonly keySpecs: readonly KeySpec[];
  readonly legacyRange: LegacyRange;
  readonly keysFrom: ((words: Words) => readonly FoundKey[]) | null;
  readonly secrets: ((words: Words) => Iterable<number>) | null;

  readonly #subcommandByName: ReadonlyMap<string, Command>;

  constructor(definition: CommandDefinition, container: string | null) {
    const { name, group } = definition;
    const isContainer = definition.subcommands !== undefined;
    this.name = name;
    this.fullName = (container ? `${container}|${name}` : name).toLowerCase();
    this.group = group;
    this.since = definition.since;
    this.summary = definition.summary;
    this.complexity = definition.complexity ?? null;
    this.tips = Object.freeze([...definition.tips ?? []]);
    this.deprecated = definition.deprecated ?? null;
    this.history = Object.freeze([...definition.history ?? []]);
    this.isInternal = definition.isInternal ?? false;
    this.hot = definition.hot ?? 0;
    this.waitOf = definition.waitOf ?? null;
    this.run = definition.run ?? unreachable(name);
    this.runsAlone = definition.run !== undefined;
    this.keysFrom = definition.keysFrom ?? null;
    this.secrets = definition.secrets ?? null;

    const nameWords = container ? 2 : 1;
    const located = locateKeys(definition, nameWords);
    this.args = Object.freeze(located.args);
    this.keySpecs = Object.freeze(located.keySpecs);
    this.legacyRange = Object.freeze(legacyRange(located.keySpecs));
    this.arity = definition.arity ??
      (isContainer ? containerArity(definition) : arityOf(
        located.args,
        nameWords,
      ));
    this.minArgs = Math.abs(this.arity);
    this.maxArgs = this.arity < 0 ? UNBOUNDED : this.arity;
    this.flagBits = bitsOfFlags(definition.flags) |
      (this.legacyRange.isPartial ? MOVABLE_KEYS : 0);
    this.categoryBits = categoryBitsOf(
      definition.categories ??
        (isContainer ? [] : categoriesOfGroup(group)),
      this.flagBits,
    );
    this.subcommands = Object.freeze(
      (definition.subcommands ?? []).map((sub) =>
        // What a container states about its category holds for its parts.
        new Command({ categories: definition.categories, ...sub, group }, name)
      ),
    );
    this.#subcommandByName = new Map(
      this.subcommands.map((sub) => [sub.name.toLowerCase(), sub]),
    );
    Object.freeze(this);
  }

  /** The subcommand of a name in lower case. */
  subcommand(name: string): Command | undefined {
    return this.#subcommandByName.get(name);
  }
}

/** Builds a command with its subcommands; a wrong definition throws. */
export function command(definition: CommandDefinition): Command {
  try {
    return new Command(definition, null);
  } catch (error) {
    throw new Error(`the definition of ${definition.name} is wrong`, {
      cause: error,
    });
  }
}

function locateKeys(
  { args = [], keySpecs }: CommandDefinition,
  nameWords: number,
): LocatedKeys {
  return keySpecs
    ? { args, keySpecs: keySpecs.map(frozenKeySpec) }
    : keySpecsFrom(args, nameWords);
}

/** A container needs a subcommand's name unless it runs without one too. */
function containerArity(definition: CommandDefinition): number {
  return definition.run ? -1 : -2;
}

/** Dispatch runs a subcommand or refuses; it never runs a bare container. */
function unreachable(name: string): Handler {
  return () => {
    throw new Error(`${name} runs only through its subcommands`);
  };
}
