/**
 * Who clients are and what they may do, as dispatch and commands see it. The
 * rules themselves are in src/acl/.
 *
 * Names of users, patterns and rules are any bytes: strings here have one char
 * per byte.
 */
import type { Session } from "./call.ts";
import type { Command } from "./define/command.ts";
import type { Words } from "./define/keys.ts";

/** A user as sessions have one. It changes when the user's rules do. */
export interface Account {
  readonly name: string;
  /** Whether it may do everything, so that nothing has to be asked. */
  readonly isUnrestricted: boolean;
  /**
   * What the engine's batch loop gets to know of it: 1 when it may execute all
   * by itself, 0 when nothing, else the address of a permission.
   */
  readonly hotPermission: number;
  /** Why it may not run a command with these words, null when it may. */
  denialOf(command: Command, words: Words): Denial | null;
  /**
   * Whether it may run the command and besides read any key: what a command
   * finds only when it looks at the data cannot be checked before.
   */
  mayReadEveryKey(command: Command, words: Words): boolean;
}

/** Why a command is refused. */
export interface Denial {
  readonly reason: "command" | "key" | "channel";
  /** Which of the words is the reason. */
  readonly index: number;
}

/** Where a command was when it was refused. */
export type AccessContext = "toplevel" | "multi" | "lua";

/** What commands may ask of the users and change about them. */
export interface AccessFace {
  /** Whether who does not say a name needs a password. */
  readonly needsPassword: boolean;
  /**
   * Makes the client that user if the password is right; false says nothing
   * about why not. `command` is the word with which the client asked.
   */
  authenticate(
    client: Session,
    user: string,
    password: Uint8Array,
    command: string,
  ): boolean;
  /** Notes that a command was refused: `object` is what it was about. */
  noteDenial(
    client: Session,
    reason: Denial["reason"],
    context: AccessContext,
    object: string,
  ): void;
  /** The names of all users, in order. */
  names(): string[];
  find(name: string): Account | undefined;
  /** All users' rules, one line each, as a file has them. */
  lines(): string[];
  describe(name: string): UserDescription | undefined;
  /**
   * Gives a user more rules, a new one if need be: all of them or none. Returns
   * what is wrong.
   */
  change(name: string, rules: readonly string[]): string | undefined;
  /** Removes a user and ends its connections; false when there is none. */
  remove(name: string): boolean;
  /** Whether there is a file to load from and to save to. */
  readonly hasFile: boolean;
  /** Replaces all users by those of the file; returns what is wrong with it. */
  load(): string | undefined;
  /** Writes the file; false when that failed. */
  save(): boolean;
  /** What was refused, the newest first. */
  refusals(count: number): readonly Refusal[];
  forgetRefusals(): void;
}

/** A user, as ACL GETUSER tells of it. */
export interface UserDescription {
  readonly flags: readonly string[];
  /** Hashes, in hexadecimal digits. */
  readonly passwords: readonly string[];
  /** What it may do: the first is the user's own, the others are selectors. */
  readonly selectors: readonly SelectorDescription[];
}

export interface SelectorDescription {
  readonly commands: string;
  readonly keys: string;
  readonly channels: string;
}

/** An entry of ACL LOG: like refusals within a minute count as one. */
export interface Refusal {
  readonly id: number;
  readonly count: number;
  readonly reason: Denial["reason"] | "auth";
  readonly context: AccessContext;
  readonly object: string;
  readonly user: string;
  readonly client: string;
  readonly createdMs: number;
  readonly updatedMs: number;
}
