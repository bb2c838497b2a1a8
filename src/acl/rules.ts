/**
 * What a user is allowed, all in all. It is changed rule by rule; who wants all
 * of several rules or none applies them to a copy.
 */
import type { Denial, UserDescription } from "../commands/access.ts";
import type { Command } from "../commands/define/command.ts";
import { keysOf, type Words } from "../commands/define/keys.ts";
import { RuleFault, upToZero } from "./faults.ts";
import { Passwords } from "./passwords.ts";
import { type Request, type RuleContext, Selector } from "./selector.ts";

const SEVERITY: Readonly<Record<Denial["reason"], number>> = {
  command: 1,
  key: 2,
  channel: 3,
};

export class Rules {
  /** Whether one may become this user. */
  isEnabled = false;
  /** Whether RESTORE may believe what this user sends. */
  skipsSanitizing = false;
  readonly passwords: Passwords;
  /** The first are the user's own rights, which are always there. */
  readonly selectors: Selector[];

  private constructor(passwords: Passwords, selectors: Selector[]) {
    this.passwords = passwords;
    this.selectors = selectors;
  }

  /** Those of a new user, who may nothing. */
  static empty(context: RuleContext): Rules {
    return new Rules(new Passwords(), [Selector.empty(context)]);
  }

  /** Those of the default user as long as nobody has said otherwise. */
  static full(context: RuleContext): Rules {
    const rules = Rules.empty(context);
    for (const rule of ["+@all", "~*", "&*", "on", "nopass"]) {
      rules.apply(rule, context);
    }
    return rules;
  }

  copy(): Rules {
    // Only the user's own rights ever change.
    const [own, ...others] = this.selectors;
    const copy = new Rules(this.passwords.copy(), [own.copy(), ...others]);
    copy.isEnabled = this.isEnabled;
    copy.skipsSanitizing = this.skipsSanitizing;
    return copy;
  }

  get isUnrestricted(): boolean {
    return this.selectors.some((selector) => selector.isUnrestricted);
  }

  /**
   * Why a command may not be run. Of several reasons it is the one that comes
   * nearest to being allowed.
   */
  denialOf(command: Command, words: Words): Denial | null {
    const request = requestOf(command, words);
    let denial: Denial = { reason: "command", index: 0 };
    for (const selector of this.selectors) {
      const found = selector.denialOf(request);
      if (found === null) return null;
      const difference = SEVERITY[found.reason] - SEVERITY[denial.reason];
      if (difference > 0 || (difference === 0 && found.index > denial.index)) {
        denial = found;
      }
    }
    return denial;
  }

  mayReadEveryKey(command: Command, words: Words): boolean {
    const request = requestOf(command, words);
    return this.selectors.some((selector) =>
      selector.allowsEveryRead && selector.denialOf(request) === null
    );
  }

  /** Follows one rule, or throws and changes nothing. */
  apply(rule: string, context: RuleContext): void {
    if (rule === "") return;
    switch (upToZero(rule).toLowerCase()) {
      case "on":
        this.isEnabled = true;
        return;
      case "off":
        this.isEnabled = false;
        return;
      case "skip-sanitize-payload":
        this.skipsSanitizing = true;
        return;
      case "sanitize-payload":
        this.skipsSanitizing = false;
        return;
      case "nopass":
        return this.passwords.needNone();
      case "resetpass":
        return this.passwords.clear();
      case "clearselectors":
        this.selectors.length = 1;
        return;
      case "reset":
        return this.#reset(context);
    }
    this.#applyMarked(rule, context);
  }

  /** A rule that says by its first character what it is about. */
  #applyMarked(rule: string, context: RuleContext): void {
    const mark = rule[0];
    if (mark === ">" || mark === "#") this.passwords.add(rule);
    else if (mark === "<" || mark === "!") this.passwords.remove(rule);
    else if (mark === "(" && rule.endsWith(")")) {
      this.selectors.push(Selector.of(rule, context));
    } else this.selectors[0].apply(rule);
  }

  #reset(context: RuleContext): void {
    this.passwords.clear();
    this.selectors.splice(0, Infinity, Selector.empty(context));
    this.isEnabled = false;
    this.skipsSanitizing = false;
  }

  /** As rules that come to the same; each selector is one. */
  list(): string[] {
    const hashes = this.passwords.hashes.map((hash) => `#${hash}`);
    const [own, ...others] = this.selectors.map((one) => one.describe());
    const selectors = others.map((one) => `(${one})`);
    return [...this.#flags(), ...hashes, ...own.split(" "), ...selectors];
  }

  describe(): string {
    return this.list().join(" ");
  }

  description(): UserDescription {
    return {
      flags: this.#flags(),
      passwords: this.passwords.hashes,
      selectors: this.selectors.map(({ commands, keys, channels }) => ({
        commands: commands.describe(),
        keys: keys.describe(),
        channels: channels.describe(),
      })),
    };
  }

  #flags(): string[] {
    const flags = [this.isEnabled ? "on" : "off"];
    if (this.passwords.areNotNeeded) flags.push("nopass");
    flags.push(
      this.skipsSanitizing ? "skip-sanitize-payload" : "sanitize-payload",
    );
    return flags;
  }
}

/** The keys are looked for when somebody asks for them. */
function requestOf(command: Command, words: Words): Request {
  let keys: Request["keys"] | null = null;
  return {
    command,
    words,
    get keys() {
      return keys ??= keysOf(command, words);
    },
  };
}

/** An opening parenthesis has no counterpart: the word that it is in. */
export class Unmatched {
  constructor(readonly index: number) {}
}

/**
 * Rules of which a selector may be spread over several words, put together
 * again.
 */
export function joinSelectors(words: readonly string[]): string[] | Unmatched {
  const rules: string[] = [];
  let parts: string[] = [];
  let start = -1;
  words.forEach((word, index) => {
    if (start < 0 && !(word[0] === "(" && !word.endsWith(")"))) {
      rules.push(word);
      return;
    }
    if (start < 0) start = index;
    parts.push(word);
    if (!word.endsWith(")")) return;
    rules.push(parts.join(" "));
    parts = [];
    start = -1;
  });
  return start < 0 ? rules : new Unmatched(start);
}

/** The fault of a rule that was thrown; anything else is a bug. */
export function faultOf(thrown: unknown): RuleFault {
  if (thrown instanceof RuleFault) return thrown;
  throw thrown;
}
