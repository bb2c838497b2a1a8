import type { Session } from "../commands/call.ts";
import type { MonitorsFace } from "../commands/observation.ts";
import { bytesOfLatin1, quotedBytes } from "../protocol/text.ts";

/** Of a longer word the beginning is shown, and how many bytes it lacks. */
const WORD_MAX_BYTES = 2 ** 20;

/** A command as those see it who MONITOR. */
export interface MonitoredCommand {
  readonly database: number;
  /** Who sent it: an address, `unix:` and a path, or `lua`. */
  readonly origin: string;
  readonly words: readonly Uint8Array[];
}

/**
 * Those who see every command. A line is made once for all of them. While
 * there is nobody, nothing is asked but `isEmpty`.
 */
export class Monitors implements MonitorsFace {
  readonly #clients = new Set<Session>();

  get isEmpty(): boolean {
    return this.#clients.size === 0;
  }

  add(client: Session): void {
    this.#clients.add(client);
    client.isMonitoring = true;
  }

  remove(client: Session): void {
    this.#clients.delete(client);
    client.isMonitoring = false;
  }

  feed(command: MonitoredCommand): void {
    const line = bytesOfLatin1(lineOf(command, Date.now()));
    for (const client of this.#clients) client.deliver(line);
  }
}

/** The clock knows no microseconds: the last three digits are zero. */
function lineOf(
  { database, origin, words }: MonitoredCommand,
  nowMs: number,
): string {
  const seconds = Math.floor(nowMs / 1000);
  const millis = String(nowMs % 1000).padStart(3, "0");
  const shown = words.map(shownWord).join(" ");
  return `+${seconds}.${millis}000 [${database} ${origin}] ${shown}\r\n`;
}

function shownWord(word: Uint8Array): string {
  const more = word.length - WORD_MAX_BYTES;
  if (more <= 0) return quotedBytes(word);
  return quotedBytes(word.subarray(0, WORD_MAX_BYTES)) +
    `... (${more} more bytes)`;
}
