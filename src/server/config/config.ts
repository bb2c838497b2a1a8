/**
 * The configuration of one server: what CONFIG GET, SET and REWRITE act on and
 * what every other part asks for its settings.
 *
 * It opens no file and no socket. Whoever must act on a change listens with
 * onChange and may refuse it. All strings follow text.ts. Instances share only
 * the frozen table of directives.
 */
import type { Directive } from "./directive.ts";
import {
  DIRECTIVE_NAMES,
  type DirectiveName,
  DIRECTIVES,
  findDirective,
  NAMED_DIRECTIVES,
  type NamedDirective,
  type Values,
} from "./directives.ts";
import { describeFileError, type Place, Refusal } from "./errors.ts";
import { globMatch, isGlob } from "../../protocol/glob.ts";
import type { Setting } from "./kind.ts";
import { resolvePath } from "./paths.ts";
import { rewriteFile, type RewriteOptions } from "./rewrite.ts";
import { splitArguments } from "../../protocol/text.ts";

/** What Config.from takes for a value of type T. */
export type Given<T> = T extends boolean ? boolean
  : T extends number ? number | string
  : T extends string ? T
  : string | readonly string[];

export type GivenValues = {
  readonly [N in DirectiveName]?: Given<Values[N]>;
};

/** A line of the file that is no setting: its arguments without the first. */
export interface Statement {
  readonly args: readonly string[];
  readonly place: Place;
}

/** For the parts that these lines concern: ACL, command table, modules. */
export interface Statements {
  readonly user: Statement[];
  readonly renameCommand: Statement[];
  readonly loadModule: Statement[];
}

export interface ConfigOptions {
  /** Where `dir` starts from: an absolute path. */
  readonly workingDirectory?: string;
}

/** What CONFIG SET depends on besides its arguments. */
export interface SetContext {
  /** Whether the client is on the same machine. */
  readonly isLocal?: boolean;
  /** Whether the data set is being loaded. */
  readonly isLoading?: boolean;
}

/**
 * Called once after a CONFIG SET that changed one of its names. An answer is
 * the reason why the change cannot be: everything is then as it was before,
 * and each listener that was called is called once more to follow.
 */
export type ChangeListener = (
  changed: ReadonlySet<DirectiveName>,
) => string | undefined;

/** The files of CONFIG REWRITE. */
export interface RewriteFiles {
  readTextFile(path: string): string;
  /** The new text is in the old one's place, in one step and on disk. */
  replaceTextFile(path: string, text: string): void;
}

interface Change extends NamedDirective {
  readonly value: string;
}

interface Listener {
  readonly names: ReadonlySet<DirectiveName>;
  readonly follow: ChangeListener;
}

type Settings = Map<DirectiveName, Setting<unknown>>;

export class Config {
  /** Absolute path of the file that CONFIG REWRITE writes, if there is one. */
  configFile: string | undefined;
  readonly statements: Statements = {
    user: [],
    renameCommand: [],
    loadModule: [],
  };

  #settings: Settings = new Map();
  readonly #listeners: Listener[] = [];

  constructor(options: ConfigOptions = {}) {
    for (const name of DIRECTIVE_NAMES) {
      this.#settings.set(name, DIRECTIVES[name].initial);
    }
    if (options.workingDirectory !== undefined) {
      this.assign("dir", [options.workingDirectory]);
    }
  }

  /** A configuration for tests and embedding. Throws at a value it refuses. */
  static from(values: GivenValues, options?: ConfigOptions): Config {
    const config = new Config(options);
    for (const name of DIRECTIVE_NAMES) {
      const given = values[name];
      if (given === undefined) continue;
      const refusal = config.assign(name, argumentsOf(name, given));
      if (refusal !== undefined) {
        throw new Error(`${name} '${given}': ${refusal.reason}`);
      }
    }
    return config;
  }

  get<N extends DirectiveName>(name: N): Values[N] {
    return this.#setting(name).value as Values[N];
  }

  /** The answer of CONFIG GET for one directive. */
  getText(name: DirectiveName): string {
    return this.#setting(name).text;
  }

  /**
   * CONFIG GET: names with their values. A name without wildcards is found in
   * any case, answers as it was asked for, and finds hidden directives too.
   */
  getPattern(patterns: readonly string[]): [name: string, text: string][] {
    const found = new Map<string, [string, string]>();
    const add = (key: string, shownName: string, name: DirectiveName) => {
      if (!found.has(key)) found.set(key, [shownName, this.getText(name)]);
    };
    for (const pattern of patterns) {
      if (!isGlob(pattern)) {
        const exact = findDirective(pattern);
        if (exact !== undefined) add(exact.shownName, pattern, exact.name);
        continue;
      }
      for (const { shownName, name } of NAMED_DIRECTIVES) {
        if (DIRECTIVES[name].hidden) continue;
        if (globMatch(pattern, shownName, true)) {
          add(shownName, shownName, name);
        }
      }
    }
    return [...found.values()];
  }

  /**
   * CONFIG SET with names and values in turn: all of them or none. Answers with
   * the error reply, without its `-`, or undefined where it is done.
   */
  set(
    pairs: readonly string[],
    context: SetContext = {},
  ): string | undefined {
    if (pairs.length % 2 !== 0) return "ERR syntax error";
    const changes = this.#resolve(pairs, context);
    if (typeof changes === "string") return changes;
    const before = new Map(this.#settings);
    for (const { shownName, name, value } of changes) {
      const refusal = this.assign(name, setArguments(name, value));
      if (refusal !== undefined) {
        this.#settings = before;
        return failure(shownName, refusal.reason);
      }
    }
    return this.#announce(changes, before);
  }

  /**
   * Gives a directive new arguments, whatever its traits, and tells nobody. For
   * the start and for commands that change a setting by the way (REPLICAOF).
   */
  assign(
    name: DirectiveName,
    args: readonly string[],
    isRepeated = false,
  ): Refusal | undefined {
    const { kind }: Directive<unknown> = DIRECTIVES[name];
    const setting = this.#setting(name);
    const read = kind.read(args, { setting, isRepeated });
    if (read instanceof Refusal) return read;
    this.#settings.set(name, read);
    return undefined;
  }

  /** Listeners are called in the order in which CONFIG SET names directives. */
  onChange(names: readonly DirectiveName[], follow: ChangeListener): void {
    this.#listeners.push({ names: new Set(names), follow });
  }

  /** A path as `dir` makes it: every relative path in the configuration. */
  pathInDir(path: string): string {
    return resolvePath(this.get("dir"), path);
  }

  /** One sentence for each setting that differs from its default in vain. */
  warnings(): string[] {
    const warnings: string[] = [];
    for (const name of DIRECTIVE_NAMES) {
      const { noEffect, initial } = DIRECTIVES[name];
      if (noEffect === undefined) continue;
      if (this.getText(name) === initial.text) continue;
      warnings.push(`${name} is accepted but has no effect: ${noEffect}`);
    }
    return warnings;
  }

  /** CONFIG REWRITE. Answers with the error reply, or undefined where done. */
  rewrite(files: RewriteFiles, options?: RewriteOptions): string | undefined {
    const path = this.configFile;
    if (path === undefined) {
      return "ERR The server is running without a config file";
    }
    try {
      const oldText = readOrEmpty(files, path);
      files.replaceTextFile(path, this.#rewritten(oldText, options));
    } catch (error) {
      return `ERR Rewriting config file: ${describeFileError(error)}`;
    }
    return undefined;
  }

  #setting(name: DirectiveName): Setting<unknown> {
    return this.#settings.get(name)!;
  }

  #resolve(
    pairs: readonly string[],
    context: SetContext,
  ): Change[] | string {
    const changes: Change[] = [];
    for (let at = 0; at < pairs.length; at += 2) {
      const [asked, value] = [pairs[at], pairs[at + 1]];
      const found = findDirective(asked);
      if (found === undefined) {
        return "ERR Unknown option or number of arguments for CONFIG SET - " +
          `'${asked}'`;
      }
      const traits = DIRECTIVES[found.name];
      if (traits.immutable) return failure(asked, "can't set immutable config");
      if (traits.protected && !this.#allowsProtected(context)) {
        return failure(asked, "can't set protected config");
      }
      if (traits.deniedWhileLoading && context.isLoading) {
        return "LOADING Redis is loading the dataset in memory";
      }
      // A name beside its own alias passes, as it does in Redis: the last wins.
      if (changes.some((other) => other.shownName === found.shownName)) {
        return failure(asked, "duplicate parameter");
      }
      changes.push({ ...found, value });
    }
    return changes;
  }

  #allowsProtected(context: SetContext): boolean {
    const allowedFor = this.get("enable-protected-configs");
    return allowedFor === "yes" ||
      (allowedFor === "local" && context.isLocal === true);
  }

  /** Calls the listeners of what changed, and goes back where one refuses. */
  #announce(
    changes: readonly Change[],
    before: Settings,
  ): string | undefined {
    const changed = new Set<DirectiveName>();
    for (const { name } of changes) {
      const isNew = !isSame(this.#setting(name), before.get(name)!);
      if (isNew || DIRECTIVES[name].appliesUnchanged) changed.add(name);
    }
    const called = new Set<Listener>();
    for (const { shownName, name } of changes) {
      if (!changed.has(name)) continue;
      for (const listener of this.#listeners) {
        if (!listener.names.has(name) || called.has(listener)) continue;
        called.add(listener);
        const reason = listener.follow(changed);
        if (reason === undefined) continue;
        this.#settings = before;
        for (const each of called) each.follow(changed);
        return failure(shownName, reason);
      }
    }
    return undefined;
  }

  #rewritten(oldText: string, options?: RewriteOptions): string {
    const lines = DIRECTIVE_NAMES.map((name) => {
      const { kind, initial }: Directive<unknown> = DIRECTIVES[name];
      // A node of a cluster has its master from the cluster, not from a file.
      const isLeftOut = name === "replicaof" && this.get("cluster-enabled");
      const wanted = isLeftOut
        ? []
        : kind.rewrite(name, this.#setting(name), initial);
      return [name, wanted] as const;
    });
    return rewriteFile(oldText, lines, options);
  }
}

/** Neither shows everything: texts leave out, large numbers are rounded. */
function isSame(one: Setting<unknown>, other: Setting<unknown>): boolean {
  return one.text === other.text &&
    JSON.stringify(one.value) === JSON.stringify(other.value);
}

function failure(shownName: string, reason: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${shownName}')` +
    ` - ${reason}`;
}

/** CONFIG SET has one value; kinds with several arguments split it plainly. */
function setArguments(name: DirectiveName, value: string): string[] {
  if (!DIRECTIVES[name].kind.takesSeveral) return [value];
  return value === "" ? [] : value.split(" ");
}

function argumentsOf(
  name: DirectiveName,
  given: boolean | number | string | readonly string[],
): readonly string[] {
  if (typeof given === "boolean") return [given ? "yes" : "no"];
  if (typeof given === "number") return [String(given)];
  if (typeof given !== "string") return given;
  return lineArguments(name, [given]);
}

/**
 * The arguments of a line as the directive reads them: one argument for a kind
 * with several is split once more, so that `--save "60 1"` is as good as
 * `--save 60 1`.
 */
export function lineArguments(
  name: DirectiveName,
  args: readonly string[],
): readonly string[] {
  const isSplit = DIRECTIVES[name].kind.takesSeveral && args.length === 1 &&
    args[0] !== "";
  return isSplit ? splitArguments(args[0]) ?? [] : args;
}

function readOrEmpty(files: RewriteFiles, path: string): string {
  try {
    return files.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
