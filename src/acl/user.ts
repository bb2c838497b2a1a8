/** A user: a name, and rules that change. */
import type { Account, Denial } from "../commands/access.ts";
import type { Command } from "../commands/define/command.ts";
import type { Words } from "../commands/define/keys.ts";
import type { Rules } from "./rules.ts";

/** The batch loop may execute everything by itself. */
const ALL = 1;

export interface Grants {
  /** Tells the engine what rules allow; the number by which it knows that. */
  grant(rules: Rules): number;
  revoke(permission: number): void;
}

export class User implements Account {
  #rules: Rules;
  #isUnrestricted: boolean;
  /** What the engine calls the rules by, 0 for nothing; null if not asked. */
  #permission: number | null = null;

  constructor(
    readonly name: string,
    rules: Rules,
    private readonly grants: Grants,
  ) {
    this.#rules = rules;
    this.#isUnrestricted = rules.isUnrestricted;
  }

  get rules(): Rules {
    return this.#rules;
  }

  set rules(rules: Rules) {
    this.leave();
    this.#rules = rules;
    this.#isUnrestricted = rules.isUnrestricted;
  }

  get isUnrestricted(): boolean {
    return this.#isUnrestricted;
  }

  get hotPermission(): number {
    if (this.#isUnrestricted) return ALL;
    return this.#permission ??= this.grants.grant(this.#rules);
  }

  /** The engine forgets the user, until somebody asks for it again. */
  leave(): void {
    const permission = this.#permission ?? 0;
    this.#permission = null;
    if (permission !== 0) this.grants.revoke(permission);
  }

  denialOf(command: Command, words: Words): Denial | null {
    return this.#rules.denialOf(command, words);
  }

  mayReadEveryKey(command: Command, words: Words): boolean {
    return this.#isUnrestricted || this.#rules.mayReadEveryKey(command, words);
  }
}
