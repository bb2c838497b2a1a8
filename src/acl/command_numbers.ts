/**
 * A number for each command and subcommand of a server, so that a set of them
 * is a set of bits; and the way from names in rules to commands.
 */
import type { Command } from "../commands/define/command.ts";
import type { CommandTable } from "../commands/define/table.ts";

export class CommandNumbers {
  /** Containers come before their parts. */
  readonly commands: readonly Command[];
  readonly #table: CommandTable;
  readonly #numbers = new Map<Command, number>();

  constructor(table: CommandTable) {
    this.#table = table;
    this.commands = table.withSubcommands();
    this.commands.forEach((one, number) => this.#numbers.set(one, number));
  }

  /** How many 32-bit words a set has. */
  get wordCount(): number {
    return (this.commands.length + 31) >>> 5;
  }

  of(command: Command): number {
    return this.#numbers.get(command)!;
  }

  /**
   * The command of a full name such as "get" or "config|get". Rules hold for
   * commands whatever `rename-command` calls them.
   */
  find(fullName: string): Command | undefined {
    const [name, part, ...more] = fullName.toLowerCase().split("|");
    const command = this.#table.findOriginal(name);
    if (more.length > 0 || part === undefined) {
      return more.length > 0 ? undefined : command;
    }
    return command?.subcommand(part);
  }
}
