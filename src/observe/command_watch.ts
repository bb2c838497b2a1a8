import type {
  CommandWatch,
  LatencyFace,
  WatchedClient,
} from "../commands/observation.ts";
import type { Command } from "../commands/define/command.ts";
import {
  ADMIN,
  FAST,
  SKIP_MONITOR,
  SKIP_SLOWLOG,
} from "../commands/define/flags.ts";
import type { Monitors } from "./monitors.ts";
import type { SlowLog } from "./slow_log.ts";

/**
 * What the engine executes in its batch loop takes less than this each time;
 * only when somebody asks for less are commands measured one by one.
 */
const BATCH_MS = 1;

/** Leads what is known of single commands to those who want to know it. */
export class Watch implements CommandWatch {
  slowFromMs = Infinity;
  /** The path that unix sockets are reached by. */
  unixPath = "";
  #isLogMinute = false;
  readonly #slowLog: SlowLog;
  readonly #latency: LatencyFace;
  readonly #monitors: Monitors;

  constructor(slowLog: SlowLog, latency: LatencyFace, monitors: Monitors) {
    this.#slowLog = slowLog;
    this.#latency = latency;
    this.#monitors = monitors;
  }

  /** The thresholds: negative switches the log off, 0 the monitor. */
  follow(slowLogUs: number, latencyMs: number): void {
    const logFromMs = slowLogUs < 0 ? Infinity : slowLogUs / 1000;
    this.#isLogMinute = logFromMs < BATCH_MS;
    this.slowFromMs = Math.min(logFromMs, latencyMs || Infinity);
  }

  get isWatchingEach(): boolean {
    return this.#isLogMinute || this.isMonitored;
  }

  get isMonitored(): boolean {
    return !this.#monitors.isEmpty;
  }

  slow(
    client: WatchedClient,
    { flagBits }: Command,
    words: () => readonly Uint8Array[],
    spentMs: number,
    heldMs: number,
  ): void {
    const event = flagBits & FAST ? "fast-command" : "command";
    this.#latency.note(event, heldMs);
    const microseconds = Math.floor(spentMs * 1000);
    if (flagBits & SKIP_SLOWLOG || !this.#slowLog.wants(microseconds)) return;
    this.#slowLog.add(client, words(), microseconds);
  }

  /** It cannot have been their work that took so long. */
  slowBatch(eachMs: number): void {
    this.#latency.note("fast-command", eachMs);
  }

  executed(
    client: WatchedClient,
    { flagBits }: Command,
    words: () => readonly Uint8Array[],
  ): void {
    if (flagBits & (ADMIN | SKIP_MONITOR)) return;
    const { database } = client;
    const origin = client.isUnix ? `unix:${this.unixPath}` : client.address;
    this.#monitors.feed({ database, origin, words: words() });
  }
}
