import type { ShutdownOptions } from "../commands/call.ts";
import { shutdownFailed } from "../protocol/errors.ts";
import type { Config } from "./config/config.ts";

export interface EndingHost {
  readonly settings: Config;
  log(level: "notice" | "warning", text: string): void;
  /** No command is executed until `resume`. */
  pause(): void;
  resume(): void;
  /** Brings to disk what shall stay; false when that failed. */
  preserve(options: ShutdownOptions): Promise<boolean>;
  /** Closes everything; there is no way back. */
  close(): void;
  /** Ends at once, with nothing preserved. */
  quit(): void;
}

const SIGNAL_SETTINGS = {
  SIGINT: "shutdown-on-sigint",
  SIGTERM: "shutdown-on-sigterm",
} as const;

/**
 * How a server comes to its end, or does not: by SHUTDOWN, by a signal, by
 * whoever embeds it. What shall stay is brought to disk first, and no command
 * is executed meanwhile, so that nothing is acknowledged and then forgotten.
 * If that fails the server goes on, unless it was forced.
 */
export class Ending {
  readonly #host: EndingHost;
  /** A signal that came and has not been obeyed yet. */
  #signal: string | null = null;
  #running: Promise<void> | null = null;

  constructor(host: EndingHost) {
    this.#host = host;
  }

  /** Rejects with the reply's error when the data could not be saved. */
  run(options: ShutdownOptions): Promise<void> {
    return this.#running ??= this.#run(options)
      .finally(() => this.#running = null);
  }

  /** A signal asks for the end; it is obeyed at the next tick. */
  signalled(name: string): void {
    const { log, quit } = this.#host;
    const isAsked = this.#signal !== null || this.#running !== null;
    if (isAsked && name === "SIGINT") {
      log("warning", "You insist... exiting now.");
      return quit();
    }
    log("warning", `Received ${name} scheduling shutdown...`);
    this.#signal = name;
  }

  /** SHUTDOWN ABORT: whether there was anything to take back. */
  abort(): boolean {
    if (this.#signal === null || this.#running !== null) return false;
    this.#signal = null;
    this.#host.log("notice", "Shutdown manually aborted.");
    return true;
  }

  tick(): void {
    const name = this.#signal;
    if (name === null || this.#running !== null) return;
    // What failed is in the log; the next signal tries again.
    this.run(this.#optionsFor(name)).catch(() => this.#signal = null);
  }

  async #run(options: ShutdownOptions): Promise<void> {
    const { log, pause, resume, preserve, close } = this.#host;
    log("notice", "User requested shutdown...");
    pause();
    if (await preserve(options)) return close();
    log(
      "warning",
      "Errors trying to shut down the server. Check the logs for more " +
        "information.",
    );
    resume();
    throw shutdownFailed;
  }

  #optionsFor(signal: string): ShutdownOptions {
    const name = SIGNAL_SETTINGS[signal as keyof typeof SIGNAL_SETTINGS];
    const words: readonly string[] = name === undefined
      ? []
      : this.#host.settings.get(name);
    return {
      save: words.includes("save")
        ? "save"
        : words.includes("nosave")
        ? "nosave"
        : "default",
      now: words.includes("now"),
      force: words.includes("force"),
    };
  }
}
