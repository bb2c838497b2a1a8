/**
 * The commands of one server by name and by number.
 *
 * Definitions are shared and frozen; a table is a server's own, because
 * `rename-command` may give a command another name there, or none. A
 * command's number is its index in the list from which the table was made, and
 * stays the same whatever it is called.
 *
 * A table proves itself when it is made: a list that contradicts itself is a
 * mistake of the build, and the server does not start on it.
 */
import type { Command } from "./command.ts";
import { NO_MANDATORY_KEYS } from "./flags.ts";
import { hasKeys } from "./keys.ts";

export class CommandTable {
  /** All commands, disabled ones included; a command's number is its index. */
  readonly commands: readonly Command[];
  /** Numbers by the name in use, in lower case. */
  readonly #idByName = new Map<string, number>();
  /** Numbers by the name in the definition, in lower case. */
  readonly #idByOriginalName = new Map<string, number>();

  constructor(commands: readonly Command[]) {
    this.commands = Object.freeze([...commands]);
    this.commands.forEach((command, id) => {
      if (this.#idByName.has(command.fullName)) {
        throw new Error(`two commands are called ${command.name}`);
      }
      this.#idByName.set(command.fullName, id);
      this.#idByOriginalName.set(command.fullName, id);
    });
    this.#prove();
  }

  /** How many commands can be called. */
  get count(): number {
    return this.#idByName.size;
  }

  /** Each command, its subcommands behind it; disabled ones too. */
  withSubcommands(): Command[] {
    return this.commands.flatMap((one) => [one, ...one.subcommands]);
  }

  /** The names in use, in lower case, each with its command's number. */
  names(): IterableIterator<[name: string, id: number]> {
    return this.#idByName.entries();
  }

  /** The commands that can be called. */
  *enabled(): IterableIterator<Command> {
    for (const id of this.#idByName.values()) yield this.commands[id];
  }

  /** The command of a name in use, in any case. */
  find(name: string): Command | undefined {
    const id = this.#idByName.get(name.toLowerCase());
    return id === undefined ? undefined : this.commands[id];
  }

  /** The command of a full name such as "get" or "config|get". */
  findFull(fullName: string): Command | undefined {
    const [name, subcommand, ...more] = fullName.split("|");
    const command = this.find(name);
    if (more.length > 0) return undefined;
    return subcommand === undefined
      ? command
      : command?.subcommand(subcommand.toLowerCase());
  }

  /** The command by the name in its definition, renamed or not. */
  findOriginal(name: string): Command | undefined {
    const id = this.#idByOriginalName.get(name.toLowerCase());
    return id === undefined ? undefined : this.commands[id];
  }

  /**
   * Gives a command another name, or takes it away with an empty one. Returns
   * what is wrong, or null.
   */
  rename(from: string, to: string): string | null {
    const id = this.#idByName.get(from.toLowerCase());
    if (id === undefined) return "No such command in rename-command";
    const newName = to.toLowerCase();
    if (newName !== "" && this.#idByName.has(newName)) {
      return "Target command name already exists";
    }
    this.#idByName.delete(from.toLowerCase());
    if (newName !== "") this.#idByName.set(newName, id);
    return null;
  }

  #prove(): void {
    for (const command of this.commands) {
      if (this.find(command.name) !== command) {
        throw new Error(`${command.name} is not found by its own name`);
      }
      proveArity(command);
      for (const sub of command.subcommands) {
        if (this.findFull(sub.fullName) !== sub) {
          throw new Error(`${sub.fullName} is not found by its own name`);
        }
        proveArity(sub);
      }
    }
  }
}

/** The keys that the legacy range promises must fit into every legal call. */
function proveArity(command: Command): void {
  const { arity, minArgs, fullName } = command;
  const nameWords = fullName.includes("|") ? 2 : 1;
  if (!Number.isInteger(arity) || minArgs < nameWords) {
    throw new Error(`${fullName} has the impossible arity ${arity}`);
  }
  const { firstKey, lastKey } = command.legacyRange;
  const needsKey = hasKeys(command) &&
    (command.flagBits & NO_MANDATORY_KEYS) === 0;
  if (needsKey && firstKey >= minArgs) {
    throw new Error(`${fullName} has a key beyond its arity ${arity}`);
  }
  if (arity > 0 && (lastKey >= arity || lastKey < -arity)) {
    throw new Error(`${fullName} has its last key beyond its arity ${arity}`);
  }
}
