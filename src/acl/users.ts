/**
 * The users of one server. Sessions hold their user and not its rules, so that
 * new rules hold for all of them at once.
 */
import type { Command } from "../commands/define/command.ts";
import type { CommandTable } from "../commands/define/table.ts";
import type { PermissionFacts } from "../engine/permission.ts";
import { quoted } from "../protocol/errors.ts";
import { CommandNumbers } from "./command_numbers.ts";
import { hotRightsOf } from "./hot_rights.ts";
import { hashOf } from "./passwords.ts";
import { faultOf, joinSelectors, Rules, Unmatched } from "./rules.ts";
import type { RuleContext } from "./selector.ts";
import { User } from "./user.ts";

const DEFAULT_USER = "default";

/** What users ask of the server around them. */
export interface UsersHost {
  readonly table: CommandTable;
  /** acl-pubsub-default: whether new users may use all channels. */
  allowsChannels(): boolean;
  /**
   * Tells the engine of rights; the number that it calls them by, 0 when there
   * is no memory for them.
   */
  grant(rights: PermissionFacts): number;
  /** The engine forgets what `grant` has told it. */
  revoke(permission: number): void;
  /** A user has got new rules, in place of some that may have allowed more. */
  narrowed(user: User, before: Rules): void;
  /** A user is no more. */
  removed(user: User): void;
}

export class Users {
  /** Who a client is that has not said. It is always there. */
  readonly defaultUser: User;
  readonly context: RuleContext;
  readonly #host: UsersHost;
  readonly #hotCommands: readonly Command[];
  readonly #users = new Map<string, User>();
  /** Those of all users that do not exist. */
  readonly #nobody: Rules;

  constructor(host: UsersHost) {
    this.#host = host;
    this.context = {
      numbers: new CommandNumbers(host.table),
      get allowsChannels() {
        return host.allowsChannels();
      },
    };
    this.#hotCommands = host.table.commands.filter(({ hot }) => hot !== 0);
    this.#nobody = Rules.empty(this.context);
    this.#nobody.passwords.add(`#${"0".repeat(64)}`);
    this.defaultUser = this.#create(DEFAULT_USER, Rules.full(this.context));
  }

  names(): string[] {
    return [...this.#users.keys()].sort((a, b) => a < b ? -1 : 1);
  }

  find(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** All users' rules, one line each, as a file has them. */
  lines(): string[] {
    return this.names().map((name) =>
      `user ${name} ${this.#users.get(name)!.rules.describe()}`
    );
  }

  /** The user who has this name and password, if it may be become. */
  verify(name: string, password: Uint8Array): User | undefined {
    // As much is done for who does not exist: the time shall not tell.
    const hash = hashOf(password);
    const user = this.#users.get(name);
    const { passwords, isEnabled } = user?.rules ?? this.#nobody;
    const isRight = passwords.include(hash) || passwords.areNotNeeded;
    return isRight && isEnabled ? user : undefined;
  }

  /**
   * Gives a user more rules, a new one if need be: all of them or none. Returns
   * what is wrong.
   */
  change(name: string, words: readonly string[]): string | undefined {
    const joined = joinSelectors(words);
    if (joined instanceof Unmatched) {
      return "Unmatched parenthesis in acl selector starting at " +
        `'${quoted(words[joined.index])}'.`;
    }
    const user = this.#users.get(name);
    const rules = user?.rules.copy() ?? Rules.empty(this.context);
    for (const rule of joined) {
      try {
        rules.apply(rule, this.context);
      } catch (thrown) {
        return `Error in ACL SETUSER modifier '${quoted(rule)}': ` +
          faultOf(thrown).text;
      }
    }
    if (user === undefined) this.#create(name, rules);
    else this.#replaceRules(user, rules);
    return undefined;
  }

  /** requirepass: the one password of the default user, null for none. */
  setDefaultPassword(password: string | null): void {
    const rules = this.defaultUser.rules.copy();
    rules.passwords.clear();
    if (password === null) rules.passwords.needNone();
    else rules.passwords.add(`>${password}`);
    this.defaultUser.rules = rules;
  }

  /** False when there is no such user. The default user stays. */
  remove(name: string): boolean {
    const user = this.#users.get(name);
    if (user === undefined || user === this.defaultUser) return false;
    this.#users.delete(name);
    user.leave();
    this.#host.removed(user);
    return true;
  }

  /**
   * Replaces all users. Those who had one of the old ones have to come again,
   * except for the default user, who gets new rules.
   */
  replaceAll(all: ReadonlyMap<string, Rules>): void {
    for (const name of this.names()) this.remove(name);
    const own = all.get(DEFAULT_USER) ?? Rules.full(this.context);
    this.#replaceRules(this.defaultUser, own);
    for (const [name, rules] of all) {
      if (name !== DEFAULT_USER) this.#create(name, rules);
    }
  }

  /** A user that a configuration describes; the default user is described anew. */
  define(name: string, rules: Rules): void {
    const user = this.#users.get(name);
    if (user === undefined) this.#create(name, rules);
    else user.rules = rules;
  }

  #replaceRules(user: User, rules: Rules): void {
    const before = user.rules;
    user.rules = rules;
    this.#host.narrowed(user, before);
  }

  #create(name: string, rules: Rules): User {
    const user = new User(name, rules, {
      grant: (rules) => this.#grant(rules),
      revoke: (permission) => this.#host.revoke(permission),
    });
    this.#users.set(name, user);
    return user;
  }

  #grant(rules: Rules): number {
    const rights = hotRightsOf(rules, this.#hotCommands);
    const isUseless = rights.withAnyKey === 0 && rights.byPattern.size === 0;
    return isUseless ? 0 : this.#host.grant(rights);
  }
}
