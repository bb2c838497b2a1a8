import type { ClientSession } from "../dispatch/session.ts";
import type { Config } from "./config/config.ts";
import type { Log } from "./log.ts";

/**
 * client-output-buffer-limit: what a client may leave unread. At the hard limit
 * it goes at once, above the soft one when that has lasted too long.
 */
export class OutputLimits {
  readonly #log: Log;
  readonly #config: Config;
  #limits;
  /** Less than this is within all limits of those who listen to messages. */
  #leastForListeners = Infinity;

  constructor(config: Config, log: Log) {
    this.#config = config;
    this.#log = log;
    this.#limits = config.get("client-output-buffer-limit");
  }

  /** At the start, and when the setting may have changed. */
  follow(): void {
    this.#limits = this.#config.get("client-output-buffer-limit");
    const { hardBytes, softBytes } = this.#limits.pubsub;
    this.#leastForListeners = Math.min(
      hardBytes || Infinity,
      softBytes || Infinity,
    );
  }

  /** How much a normal client may get in one turn; Infinity without a limit. */
  get turnMaxBytes(): number {
    const { hardBytes } = this.#limits.normal;
    return hardBytes === 0 ? Infinity : hardBytes;
  }

  /** Whether a message can have been too much, which it rarely is. */
  mayBind(session: ClientSession): boolean {
    return session.transport.outputBytes >= this.#leastForListeners;
  }

  /** Ends a client that has left too much unread for too long. */
  bind(session: ClientSession, now: number): void {
    const { hardBytes, softBytes, softSeconds } = this.#limitOf(session);
    const { outputBytes } = session.transport;
    const isSoft = softBytes > 0 && outputBytes >= softBytes;
    if (!isSoft) session.softLimitSinceMs = 0;
    else if (session.softLimitSinceMs === 0) session.softLimitSinceMs = now;
    const isHard = hardBytes > 0 && outputBytes >= hardBytes;
    const softMs = now - session.softLimitSinceMs;
    if (isHard || (isSoft && softMs > softSeconds * 1000)) this.cut(session);
  }

  /** Ends a client whose output is too much. */
  cut(session: ClientSession): void {
    this.#log.write(
      "warning",
      `Client ${session.describe()} closed for overcoming of output ` +
        "buffer limits.",
    );
    session.kill();
  }

  #limitOf({ kind }: ClientSession) {
    if (kind === "pubsub") return this.#limits.pubsub;
    return kind === "replica" ? this.#limits.replica : this.#limits.normal;
  }
}
