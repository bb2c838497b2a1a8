/**
 * One set of rights: commands, the keys that these may touch and the channels.
 * A command must get all that it needs from one selector.
 */
import type { Denial } from "../commands/access.ts";
import type { Command } from "../commands/define/command.ts";
import { type FoundKey, hasKeys, type Words } from "../commands/define/keys.ts";
import {
  bytesFromText,
  bytesOfLatin1,
  latin1Of,
  splitArguments,
  textFromBytes,
} from "../protocol/text.ts";
import { ChannelRights } from "./channel_rights.ts";
import type { CommandNumbers } from "./command_numbers.ts";
import { CommandRights } from "./command_rights.ts";
import { syntaxFault, upToZero } from "./faults.ts";
import { accessOf, KeyRights, READ } from "./key_rights.ts";

/** What rules depend on besides their words. */
export interface RuleContext {
  readonly numbers: CommandNumbers;
  /** acl-pubsub-default: whether new rights begin with all channels. */
  readonly allowsChannels: boolean;
}

/** A command with its words, whose keys are looked for once at most. */
export interface Request {
  readonly command: Command;
  readonly words: Words;
  readonly keys: readonly FoundKey[];
}

export class Selector {
  private constructor(
    readonly commands: CommandRights,
    readonly keys: KeyRights,
    readonly channels: ChannelRights,
  ) {}

  /** As rights begin: nothing is allowed. */
  static empty({ numbers, allowsChannels }: RuleContext): Selector {
    const channels = new ChannelRights();
    channels.isComplete = allowsChannels;
    return new Selector(new CommandRights(numbers), new KeyRights(), channels);
  }

  /** `(+get ~x:*)`, quotes as in a configuration line. */
  static of(rule: string, context: RuleContext): Selector {
    const selector = Selector.empty(context);
    const inside = textFromBytes(bytesOfLatin1(rule.slice(1, -1)));
    for (const word of splitArguments(inside) ?? []) {
      selector.apply(latin1Of(bytesFromText(word)));
    }
    return selector;
  }

  copy(): Selector {
    const { commands, keys, channels } = this;
    return new Selector(commands.copy(), keys.copy(), channels.copy());
  }

  get isUnrestricted(): boolean {
    return this.commands.isComplete && this.keys.isComplete &&
      this.channels.isComplete;
  }

  /** Why a command may not be run, null when it may. */
  denialOf(request: Request): Denial | null {
    const { command, words } = request;
    if (!this.commands.allows(command, words)) {
      return { reason: "command", index: 0 };
    }
    if (!this.keys.isComplete && hasKeys(command)) {
      for (const { index, flags } of request.keys) {
        if (!this.keys.allows(words.latin1(index), accessOf(flags))) {
          return { reason: "key", index };
        }
      }
    }
    const index = this.channels.firstDenied(command, words);
    return index === 0 ? null : { reason: "channel", index };
  }

  get allowsEveryRead(): boolean {
    return this.keys.allowsEvery(READ);
  }

  /** Follows one rule, or throws and changes nothing. */
  apply(rule: string): void {
    switch (upToZero(rule).toLowerCase()) {
      case "allkeys":
      case "~*":
        return this.keys.allowAll();
      case "resetkeys":
        return this.keys.clear();
      case "allchannels":
      case "&*":
        return this.channels.allowAll();
      case "resetchannels":
        return this.channels.clear();
      case "allcommands":
      case "+@all":
        return this.commands.allowAll();
      case "nocommands":
      case "-@all":
        return this.commands.denyAll();
    }
    switch (rule[0]) {
      case "~":
      case "%":
        return this.keys.add(rule);
      case "&":
        return this.channels.add(rule);
      case "+":
      case "-":
        return this.commands.change(upToZero(rule.slice(1)), rule[0] === "+");
    }
    throw syntaxFault;
  }

  /** As rules that come to the same. */
  describe(): string {
    const channels = this.channels.isComplete
      ? "&*"
      : `resetchannels ${this.channels.describe()}`;
    return [this.keys.describe(), channels.trimEnd(), this.commands.describe()]
      .filter((part) => part !== "").join(" ");
  }
}
