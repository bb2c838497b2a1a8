/** Turns arguments as COMMAND DOCS shows them back into our own statements. */
import { arg, type Argument } from "../../src/commands/define/args.ts";
import type { KeyAccess, KeyTrait } from "../../src/commands/define/flags.ts";

export interface DocumentedArgument {
  name: string;
  type: string;
  token?: string;
  flags?: string[];
  key_spec_index?: number;
  arguments?: DocumentedArgument[];
}

/** The flags of a key spec; the derivation asks for them, DOCS lacks them. */
type FlagsOfSpec = (index: number) => string[];

export function argumentsFrom(
  documented: DocumentedArgument[] = [],
  flagsOfSpec: FlagsOfSpec,
): Argument[] {
  const seen = new Set<number>();
  const convert = (one: DocumentedArgument): Argument => {
    let argument = withoutModifiers(one, convert, flagsOfSpec);
    const spec = one.key_spec_index;
    if (spec !== undefined && seen.has(spec)) argument = argument.joined();
    if (spec !== undefined) seen.add(spec);
    if (one.token !== undefined) argument = argument.token(one.token);
    if (one.flags?.includes("multiple")) argument = argument.multiple();
    if (one.flags?.includes("optional")) argument = argument.optional();
    return argument;
  };
  return documented.map(convert);
}

function withoutModifiers(
  one: DocumentedArgument,
  convert: (part: DocumentedArgument) => Argument,
  flagsOfSpec: FlagsOfSpec,
): Argument {
  const parts = (one.arguments ?? []).map(convert);
  switch (one.type) {
    case "key": {
      const [access, ...traits] = flagsOfSpec(one.key_spec_index!);
      return arg.key(one.name, access as KeyAccess, ...traits as KeyTrait[]);
    }
    case "pure-token":
      return arg.token(one.token!, one.name);
    case "oneof":
      return arg.oneOf(one.name, ...parts);
    case "block":
      return arg.block(one.name, ...parts);
    case "integer":
      return arg.integer(one.name);
    default:
      return arg.string(one.name);
  }
}
