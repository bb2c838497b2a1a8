/** The users of a server: where they come from, and what becomes of clients. */
import { readUsersFile } from "../acl/file.ts";
import { RefusalLog } from "../acl/refusal_log.ts";
import { listenersCheck } from "../acl/subscribers.ts";
import type { Rules } from "../acl/rules.ts";
import type { User } from "../acl/user.ts";
import { Users } from "../acl/users.ts";
import type {
  AccessContext,
  AccessFace,
  Account,
  Denial,
  Refusal,
  UserDescription,
} from "../commands/access.ts";
import type { Session } from "../commands/call.ts";
import type { CommandTable } from "../commands/define/table.ts";
import type { Engine } from "../engine/engine.ts";
import { freePermission, newPermission } from "../engine/permission.ts";
import { systemReason } from "../persistence/files.ts";
import {
  bytesFromText,
  bytesOfLatin1,
  latin1Of,
  quoted,
  textFromBytes,
} from "../protocol/text.ts";
import type { Config } from "./config/config.ts";
import { StartError } from "./config/errors.ts";
import type { Log } from "./log.ts";
import { loadConfiguredUsers } from "./configured_users.ts";
import { replaceFile } from "./replace_file.ts";

/** The log keeps no more of a key: it may be of any length. */
const OBJECT_MAX_CHARS = 4096;

export interface AccessHost {
  readonly settings: Config;
  readonly table: CommandTable;
  readonly engine: Engine;
  readonly log: Log;
  sessions(): Iterable<Session>;
  /** Whose command is being executed, if anybody's. */
  currentSession(): Session | null;
  /** Some users may do less than before. */
  rightsChanged(): void;
}

export class Access implements AccessFace {
  readonly users: Users;
  readonly refusalLog = new RefusalLog();
  readonly #host: AccessHost;
  readonly #settings: Config;

  constructor(host: AccessHost) {
    const { engine, settings } = host;
    this.#host = host;
    this.#settings = settings;
    this.users = new Users({
      table: host.table,
      allowsChannels: () =>
        settings.get("acl-pubsub-default") !== "resetchannels",
      grant: (rights) => newPermission(engine, rights),
      revoke: (permission) => freePermission(engine, permission),
      narrowed: (user, before) => {
        host.rightsChanged();
        this.#dropListeners(user, before);
      },
      removed: (user) => this.#dropSessions(user),
    });
  }

  /** Finds the users that the configuration names; throws StartError. */
  start(): void {
    this.followPassword();
    const { statements } = this.#settings;
    if (this.hasFile && statements.user.length > 0) {
      throw new StartError(
        "Configuring Redis with users defined in redis.conf and at the same " +
          "setting an ACL file path is invalid. This setup is very likely to " +
          "lead to configuration errors and security holes, please define " +
          "either an ACL file or declare users directly in your redis.conf, " +
          "but not both.",
      );
    }
    loadConfiguredUsers(this.users, statements.user, this.#host.log);
    if (!this.hasFile) return;
    const errors = this.load();
    if (errors === undefined) return;
    throw new StartError(
      `Aborting Redis startup because of ACL errors: ${errors}`,
    );
  }

  /** requirepass */
  followPassword(): void {
    const text = this.#settings.get("requirepass") ?? "";
    const password = text === "" ? null : latin1Of(bytesFromText(text));
    this.users.setDefaultPassword(password);
  }

  get needsPassword(): boolean {
    return !this.users.defaultUser.rules.passwords.areNotNeeded;
  }

  /** Whether who comes may begin without a word about himself. */
  get isOpen(): boolean {
    return !this.needsPassword && this.users.defaultUser.rules.isEnabled;
  }

  authenticate(
    client: Session,
    name: string,
    password: Uint8Array,
    command: string,
  ): boolean {
    const user = this.users.verify(name, password);
    if (user === undefined) {
      this.#note(client, "auth", contextOf(client), command, name);
      return false;
    }
    client.account = user;
    client.authenticated = true;
    return true;
  }

  noteDenial(
    client: Session,
    reason: Denial["reason"],
    context: AccessContext,
    object: string,
  ): void {
    this.#note(client, reason, context, object, client.account.name);
  }

  #note(
    client: Session,
    reason: Refusal["reason"],
    context: AccessContext,
    object: string,
    user: string,
  ): void {
    const facts = {
      reason,
      context,
      object: object.slice(0, OBJECT_MAX_CHARS),
      user: user.slice(0, OBJECT_MAX_CHARS),
      clientId: client.id,
      describe: () => client.describe(),
    };
    const maxCount = this.#settings.get("acllog-max-len");
    this.refusalLog.note(facts, Date.now(), maxCount);
  }

  names(): string[] {
    return this.users.names();
  }

  find(name: string): Account | undefined {
    return this.users.find(name);
  }

  lines(): string[] {
    return this.users.lines();
  }

  /** What follows `user` in a configuration file, for each of its lines. */
  configuredUsers(): string[] {
    if (this.hasFile) return [];
    return this.names().map((name) =>
      [name, ...this.users.find(name)!.rules.list()].map(inConfigFile).join(" ")
    );
  }

  describe(name: string): UserDescription | undefined {
    return this.users.find(name)?.rules.description();
  }

  change(name: string, rules: readonly string[]): string | undefined {
    return this.users.change(name, rules);
  }

  remove(name: string): boolean {
    return this.users.remove(name);
  }

  get hasFile(): boolean {
    return this.#settings.get("aclfile") !== "";
  }

  get #path(): string {
    return this.#settings.pathInDir(this.#settings.get("aclfile"));
  }

  load(): string | undefined {
    const fileName = latin1Of(bytesFromText(this.#settings.get("aclfile")));
    let text: string;
    try {
      text = latin1Of(Deno.readFileSync(this.#path));
    } catch (error) {
      return `Error loading ACLs, opening file '${fileName}': ` +
        systemReason(error);
    }
    const read = readUsersFile(text, fileName, this.users.context);
    if (typeof read === "string") return read;
    this.users.replaceAll(read);
    return undefined;
  }

  save(): boolean {
    const text = this.lines().map((line) => `${line}\n`).join("");
    try {
      replaceFile(this.#path, bytesOfLatin1(text));
      return true;
    } catch (error) {
      this.#host.log.write(
        "warning",
        `Writing ACL file for ACL SAVE: ${systemReason(error)}`,
      );
      return false;
    }
  }

  refusals(count: number): readonly Refusal[] {
    return this.refusalLog.newest(count);
  }

  forgetRefusals(): void {
    this.refusalLog.forget();
  }

  /** Ends the connections of a user who is no more. */
  #dropSessions(user: User): void {
    for (const session of [...this.#host.sessions()]) {
      if (session.account !== user) continue;
      session.account = this.users.defaultUser;
      session.authenticated = false;
      this.#drop(session);
    }
  }

  /** Ends the connections of those who listen to what they may no longer. */
  #dropListeners(user: User, before: Rules): void {
    const mayStay = listenersCheck(before, user.rules);
    if (mayStay === null) return;
    for (const session of [...this.#host.sessions()]) {
      const { account, subscriptions } = session;
      if (account !== user || subscriptions === null) continue;
      if (!mayStay(subscriptions)) this.#drop(session);
    }
  }

  /** Who has caused it is told of that first. */
  #drop(session: Session): void {
    if (session === this.#host.currentSession()) session.closeAfterReply();
    else session.kill();
  }
}

/** A word as a configuration file has it: bytes and quotes are escaped. */
function inConfigFile(word: string): string {
  if (/^[\x20-\x7e]*$/.test(word) && !/["']/.test(word)) return word;
  return quoted(textFromBytes(bytesOfLatin1(word)));
}

function contextOf(client: Session): AccessContext {
  return client.isInTransaction ? "multi" : "toplevel";
}
