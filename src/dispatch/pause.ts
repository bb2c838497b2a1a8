import { MAY_REPLICATE, WRITE } from "../commands/define/flags.ts";
import type { PauseFace, PauseLevel } from "../commands/call.ts";
import type { Command } from "../commands/define/command.ts";
import type { ClientSession } from "./session.ts";

/** The longest time that a timer can be set to. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export interface PauseHost {
  /** It has begun: keys that are due stay where they are, and are not seen. */
  begun(): void;
  /** It is over. These have a command each that was postponed. */
  ended(postponed: readonly ClientSession[]): void;
}

/**
 * CLIENT PAUSE: commands are postponed for some time, all of them or those
 * that may change data, so that replicas can catch up before a failover. So
 * nothing else may change data either: keys do not expire and are not evicted,
 * and nobody who waits for a key is served.
 *
 * A postponed command has passed all checks; it waits in the engine
 * (`ClientSession.postponed`), and is executed, checked anew, when the pause is
 * over. What its client sends behind it waits in its input.
 */
export class Pause implements PauseFace {
  /** Whether anything is paused. */
  isOn = false;
  #level: PauseLevel = "write";
  #endMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: PauseHost;
  readonly #postponed = new Set<ClientSession>();
  #over = Promise.withResolvers<void>();

  constructor(host: PauseHost) {
    this.#host = host;
  }

  get level(): PauseLevel | "none" {
    return this.isOn ? this.#level : "none";
  }

  /** How long it will last. */
  get leftMs(): number {
    return this.isOn ? Math.max(0, this.#endMs - Date.now()) : 0;
  }

  /** How many commands are postponed. */
  get postponedCount(): number {
    return this.#postponed.size;
  }

  /**
   * Pauses until then. Of this pause and the one that is under way the later
   * end counts, and the more that is paused.
   */
  begin(level: PauseLevel, endMs: number): void {
    const wasAll = this.isOn && this.#level === "all";
    this.#level = wasAll ? "all" : level;
    this.#endMs = this.isOn ? Math.max(this.#endMs, endMs) : endMs;
    if (this.#endMs <= Date.now()) return this.end();
    if (!this.isOn) {
      this.isOn = true;
      this.#over = Promise.withResolvers<void>();
      this.#host.begun();
    }
    this.#wait();
  }

  /** Ends it before its time. */
  end(): void {
    this.stop();
    if (!this.isOn) return;
    this.isOn = false;
    const postponed = [...this.#postponed];
    this.#postponed.clear();
    this.#over.resolve();
    this.#host.ended(postponed);
  }

  /** The server ends: no timer may be left. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Whether a session's command may not be executed now. */
  stops(session: ClientSession, command: Command): boolean {
    if (!this.isOn) return false;
    if (this.#level === "all") return true;
    const queued = command.name === "EXEC"
      ? session.transaction?.someFlags ?? 0
      : 0;
    return ((command.flagBits | queued) & (WRITE | MAY_REPLICATE)) !== 0;
  }

  /** Resolves when a command that began before may come to its end. */
  async passed({ flagBits }: Command): Promise<void> {
    while (this.isOn && flagBits & WRITE) await this.#over.promise;
  }

  add(session: ClientSession): void {
    this.#postponed.add(session);
  }

  /** The session is gone. */
  leave(session: ClientSession): void {
    this.#postponed.delete(session);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const leftMs = this.#endMs - Date.now();
    this.#timer = setTimeout(
      () => this.#endMs > Date.now() ? this.#wait() : this.end(),
      Math.min(leftMs, TIMER_MAX_MS),
    );
  }
}
