/**
 * The arguments of a command, written as its manual page shows them:
 *
 *     args: [
 *       arg.key("key", "RW", "access", "update"),
 *       arg.oneOf(
 *         "expiration",
 *         arg.integer("seconds").token("EX"),
 *         arg.token("PERSIST"),
 *       ).optional(),
 *     ],
 *
 * Arity, key positions and COMMAND DOCS are derived from this one statement
 * (`derive.ts`). It documents and does not parse: the handler reads its own
 * arguments, because it alone knows which error Redis gives in which order.
 */
import type { KeyAccess, KeyFlag, KeyTrait } from "./flags.ts";

export type ArgumentType =
  | "string"
  | "integer"
  | "double"
  | "key"
  | "pattern"
  | "unix-time"
  | "pure-token"
  | "oneof"
  | "block";

interface ArgumentFacts {
  readonly name: string;
  readonly type: ArgumentType;
  /** The word before the argument, or the word that a pure token is. */
  readonly tokenText: string | null;
  readonly displayText: string;
  readonly isOptional: boolean;
  readonly isMultiple: boolean;
  /** Whether the token is said again before each repetition. */
  readonly repeatsToken: boolean;
  readonly sinceVersion: string | null;
  readonly deprecatedVersion: string | null;
  /** The alternatives of a `oneof`, the sequence of a `block`. */
  readonly parts: readonly Argument[];
  /** How a key is used; empty for anything else. */
  readonly keyFlags: readonly KeyFlag[];
  readonly keyNotes: string | null;
  /** Whether a key shares the spec of the key argument before it. */
  readonly joinsKey: boolean;
  /** The key spec that finds this argument; -1 when none does. */
  readonly keySpecIndex: number;
}

/** One argument. Immutable: each modifier gives a changed copy. */
export class Argument {
  readonly facts: ArgumentFacts;

  constructor(facts: ArgumentFacts) {
    this.facts = Object.freeze(facts);
    Object.freeze(this);
  }

  /** The argument may be left out. */
  optional(): Argument {
    return this.#with({ isOptional: true });
  }

  /** The argument may be given more than once, one after the other. */
  multiple(): Argument {
    return this.#with({ isMultiple: true });
  }

  /** As `multiple`, and its token stands before each of them. */
  multipleToken(): Argument {
    return this.#with({ isMultiple: true, repeatsToken: true });
  }

  /** The word that announces the argument. */
  token(word: string): Argument {
    return this.#with({ tokenText: word });
  }

  /** What a syntax line shows, where that is not the name. */
  display(text: string): Argument {
    return this.#with({ displayText: text });
  }

  /** The version that brought it, where the command is older. */
  since(version: string): Argument {
    return this.#with({ sinceVersion: version });
  }

  deprecatedSince(version: string): Argument {
    return this.#with({ deprecatedVersion: version });
  }

  /** A remark about how a key is used, shown by COMMAND INFO. */
  notes(text: string): Argument {
    return this.#with({ keyNotes: text });
  }

  /** One key spec finds the key argument before this one and this one. */
  joined(): Argument {
    return this.#with({ joinsKey: true });
  }

  /** Ties the argument to one of the definition's own key specs. */
  keySpec(index: number): Argument {
    return this.#with({ keySpecIndex: index });
  }

  /** The same argument with other parts, for the derivation. */
  withParts(parts: readonly Argument[]): Argument {
    return this.#with({ parts });
  }

  #with(changes: Partial<ArgumentFacts>): Argument {
    return new Argument({ ...this.facts, ...changes });
  }
}

function plain(
  type: ArgumentType,
  name: string,
  changes: Partial<ArgumentFacts> = {},
): Argument {
  return new Argument({
    name,
    type,
    tokenText: null,
    displayText: name,
    isOptional: false,
    isMultiple: false,
    repeatsToken: false,
    sinceVersion: null,
    deprecatedVersion: null,
    parts: [],
    keyFlags: [],
    keyNotes: null,
    joinsKey: false,
    keySpecIndex: -1,
    ...changes,
  });
}

/** The builders. The name is the one that Redis documents. */
export const arg = {
  string: (name: string): Argument => plain("string", name),
  integer: (name: string): Argument => plain("integer", name),
  double: (name: string): Argument => plain("double", name),
  pattern: (name: string): Argument => plain("pattern", name),
  unixTime: (name: string): Argument => plain("unix-time", name),

  /**
   * A key and what is done with it. Access is left out only where the
   * definition states its own key specs.
   */
  key: (
    name: string,
    access?: KeyAccess,
    ...traits: KeyTrait[]
  ): Argument =>
    plain("key", name, { keyFlags: access ? [access, ...traits] : [] }),

  /** A word that stands for itself, named in lower case unless told. */
  token: (word: string, name: string = word.toLowerCase()): Argument =>
    plain("pure-token", name, { tokenText: word }),

  /** Exactly one of several. */
  oneOf: (name: string, ...alternatives: Argument[]): Argument =>
    plain("oneof", name, { parts: Object.freeze(alternatives) }),

  /** Several in a row that belong together. */
  block: (name: string, ...parts: Argument[]): Argument =>
    plain("block", name, { parts: Object.freeze(parts) }),
};
