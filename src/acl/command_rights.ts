/**
 * Which commands may be run: the rules `+get`, `-@dangerous`, `+config|get` and
 * their kind, kept as a set of commands to ask and as a list to print.
 */
import type { Command } from "../commands/define/command.ts";
import { categoryBit, NO_AUTH } from "../commands/define/flags.ts";
import type { Words } from "../commands/define/keys.ts";
import type { CommandNumbers } from "./command_numbers.ts";
import {
  firstArgumentOfSubcommand,
  syntaxFault,
  unknownName,
} from "./faults.ts";

export class CommandRights {
  readonly #numbers: CommandNumbers;
  /** A bit for each command. */
  #allowed: Uint32Array;
  /** By a command's number the first arguments with which it may be run. */
  #firstArguments = new Map<number, Set<string>>();
  /** Whether all are allowed but those that the rules take away. */
  #beginsWithAll = false;
  /** Whether nothing was taken away. */
  #isComplete = false;
  /** What has been said since: whether it allows, by the name it is about. */
  #rules = new Map<string, boolean>();

  constructor(numbers: CommandNumbers) {
    this.#numbers = numbers;
    this.#allowed = new Uint32Array(numbers.wordCount);
  }

  copy(): CommandRights {
    const copy = new CommandRights(this.#numbers);
    copy.#allowed = this.#allowed.slice();
    for (const [id, words] of this.#firstArguments) {
      copy.#firstArguments.set(id, new Set(words));
    }
    copy.#beginsWithAll = this.#beginsWithAll;
    copy.#isComplete = this.#isComplete;
    copy.#rules = new Map(this.#rules);
    return copy;
  }

  /** Whether every command may be run. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether a command may be run, whatever its arguments. */
  allowsAny(command: Command): boolean {
    if (this.#isComplete || command.flagBits & NO_AUTH) return true;
    return this.#has(this.#numbers.of(command));
  }

  /** Whether it may be run with these words. */
  allows(command: Command, words: Words): boolean {
    if (this.allowsAny(command)) return true;
    if (this.#firstArguments.size === 0 || words.argc < 2) return false;
    const found = this.#firstArguments.get(this.#numbers.of(command));
    return found?.has(words.latin1(1).toLowerCase()) ?? false;
  }

  /** +@all */
  allowAll(): void {
    this.#startAnew(true);
  }

  /** -@all */
  denyAll(): void {
    this.#startAnew(false);
  }

  #startAnew(withAll: boolean): void {
    this.#allowed.fill(withAll ? 0xffffffff : 0);
    this.#firstArguments.clear();
    this.#rules.clear();
    this.#beginsWithAll = this.#isComplete = withAll;
  }

  /** `what` is a command, a subcommand, or a category with its `@`. */
  change(what: string, allows: boolean): void {
    if (what.startsWith("@")) this.#changeCategory(what, allows);
    else if (allows && what.includes("|")) this.#allowPart(what);
    else {
      const command = this.#numbers.find(what);
      if (command === undefined) throw unknownName;
      this.#set(command, allows);
      this.#keepRule(command.fullName, allows);
    }
  }

  #changeCategory(name: string, allows: boolean): void {
    const bit = categoryBit(name.slice(1));
    if (bit === 0) throw unknownName;
    this.#keepRule(name, allows);
    for (const command of this.#numbers.commands) {
      if (command.categoryBits & bit) this.#set(command, allows);
    }
  }

  /** +container|subcommand, or +command|first-argument. */
  #allowPart(what: string): void {
    const split = what.lastIndexOf("|");
    const command = this.#numbers.find(what.slice(0, split));
    const part = what.slice(split + 1);
    if (command === undefined) throw unknownName;
    if (command.fullName.includes("|")) throw firstArgumentOfSubcommand;
    if (part === "") throw syntaxFault;
    if (command.subcommands.length > 0) {
      const subcommand = command.subcommand(part.toLowerCase());
      if (subcommand === undefined) throw unknownName;
      this.#set(subcommand, true);
    } else {
      const id = this.#numbers.of(command);
      const words = this.#firstArguments.get(id) ?? new Set();
      this.#firstArguments.set(id, words.add(part.toLowerCase()));
    }
    this.#keepRule(what, true);
  }

  /** What holds for a container holds for its parts. */
  #set(command: Command, allows: boolean): void {
    const id = this.#numbers.of(command);
    this.#mark(id, allows);
    this.#firstArguments.delete(id);
    for (const sub of command.subcommands) {
      this.#mark(this.#numbers.of(sub), allows);
    }
  }

  #has(id: number): boolean {
    return (this.#allowed[id >>> 5] >>> (id & 31) & 1) === 1;
  }

  #mark(id: number, allows: boolean): void {
    if (allows) this.#allowed[id >>> 5] |= 1 << (id & 31);
    else {
      this.#allowed[id >>> 5] &= ~(1 << (id & 31));
      this.#isComplete = false;
    }
  }

  /** The newest rule about a name replaces older ones about it or its parts. */
  #keepRule(what: string, allows: boolean): void {
    const name = what.toLowerCase();
    this.#rules.delete(name);
    if (!name.includes("|")) {
      for (const other of this.#rules.keys()) {
        if (other.startsWith(`${name}|`)) this.#rules.delete(other);
      }
    }
    this.#rules.set(name, allows);
  }

  /** As rules that come to the same. */
  describe(): string {
    let text = this.#beginsWithAll ? "+@all" : "-@all";
    for (const [name, allows] of this.#rules) {
      text += ` ${allows ? "+" : "-"}${name}`;
    }
    return text;
  }
}
