/** What can be wrong with a rule. The texts are Redis's and reach clients. */

/** Thrown by whoever reads a rule; the user is as it was before. */
export class RuleFault {
  constructor(
    readonly text: string,
    /** Whether a name is unknown, which tells nothing secret. */
    readonly isUnknownName = false,
  ) {}
}

export const syntaxFault = new RuleFault("Syntax error");
export const unknownName = new RuleFault(
  "Unknown command or category name in ACL",
  true,
);
export const keysAfterAll = new RuleFault(
  "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid " +
    "and does not have any effect. Try 'resetkeys' to start with an empty list " +
    "of patterns",
);
export const channelsAfterAll = new RuleFault(
  "Adding a pattern after the * pattern (or the 'allchannels' flag) is not " +
    "valid and does not have any effect. Try 'resetchannels' to start with an " +
    "empty list of channels",
);
export const noSuchPassword = new RuleFault(
  "The password you are trying to remove from the user does not exist",
);
export const badHash = new RuleFault(
  "The password hash must be exactly 64 characters and contain only lowercase " +
    "hexadecimal characters",
);
export const duplicateUser = new RuleFault(
  "Duplicate user found. A user can only be defined once in config files",
);
export const firstArgumentOfSubcommand = new RuleFault(
  "Allowing first-arg of a subcommand is not supported",
);

const WHITE_SPACE_OR_ZERO = /[ \t\n\v\f\r\0]/;

/** Users and patterns are written with blanks between them. */
export function hasBlanks(text: string): boolean {
  return WHITE_SPACE_OR_ZERO.test(text);
}

/** A word as Redis compares it where it takes it for a C string. */
export function upToZero(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
