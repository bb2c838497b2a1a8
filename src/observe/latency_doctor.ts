/**
 * LATENCY DOCTOR: what the monitor has seen, and advice that holds for this
 * server. It has one thread for commands as Redis has, but no fork, no lazy
 * expiry by luck and no large value that is freed in one go: much of what
 * helps Redis would be of no use here.
 */
import {
  type LatencyMonitor,
  type LatencySeries,
  type LatencySummary,
  summaryOf,
} from "./latency_monitor.ts";

/** The settings that advice depends on. */
export interface LatencySettings {
  readonly slowLogUs: number;
  readonly fsync: "always" | "everysec" | "no";
  readonly syncsDuringRewrite: boolean;
}

interface Advice {
  /** The events that call for it. */
  readonly events: readonly string[];
  /** Empty when the settings make it pointless. */
  text(settings: LatencySettings, thresholdMs: number): string;
}

const ADVICE: readonly Advice[] = [{
  events: ["command"],
  text: ({ slowLogUs }, thresholdMs) => {
    const wanted = thresholdMs * 1000;
    if (slowLogUs >= 0 && slowLogUs <= wanted) {
      return "SLOWLOG GET shows which commands took so long, with their " +
        "arguments and the client that sent them.";
    }
    const why = slowLogUs < 0
      ? "The slow log is off"
      : "The slow log keeps only what is slower than the events here";
    return `${why}: with CONFIG SET slowlog-log-slower-than ${wanted} it ` +
      "tells which commands they were.";
  },
}, {
  events: ["command"],
  text: () =>
    "Commands that look at a whole large value or at all keys (KEYS, " +
    "SMEMBERS, HGETALL, LRANGE 0 -1, SORT, unions) hold up everybody else " +
    "until they are done. SCAN and its kin, LIMIT, or smaller values take " +
    "the work apart. DEL, FLUSHALL and expiry are not among them: what they " +
    "throw away is freed in slices.",
}, {
  events: ["fast-command"],
  text: () =>
    "Commands that always are quick took long. So it was not their work: " +
    "the process was not running, or the runtime collected garbage. See " +
    "whether other programs or another tenant of the machine take its " +
    "processors, whether memory is swapped, and whether many connections " +
    "with large replies burden the runtime (CLIENT LIST, omem). " +
    "`redis-cli --intrinsic-latency 100` measures the machine alone.",
}, {
  events: ["aof-fsync-always"],
  text: ({ fsync }) =>
    fsync !== "always" ? "" : "With appendfsync always no client gets its " +
      "reply before the disk has written what it did. All that wait share " +
      "one sync, so more clients at once cost little; a faster disk helps " +
      "each of them, and appendfsync everysec waits for no disk at all, at " +
      "the price of about a second of writes when the machine fails.",
}, {
  events: ["aof-write-alone"],
  text: () =>
    "Writing to the append-only file took long. The system makes writers " +
    "wait while it syncs or has too much unwritten: keep the file on a " +
    "local disk that other programs leave alone, an SSD if you can.",
}, {
  events: ["aof-write-active-child"],
  text: ({ syncsDuringRewrite }) =>
    !syncsDuringRewrite ? "" : "Writes to the append-only file were slow " +
      "while a dump or a rewrite was written to the same disk. With " +
      "no-appendfsync-on-rewrite yes nothing is synced meanwhile; a failure " +
      "of the machine then costs the writes since it began.",
}, {
  events: ["snapshot-slice", "expire-cycle", "free-slice"],
  text: () =>
    "Work in the background is done in slices of about a millisecond. A " +
    "slice that took much longer means that the process was stopped in its " +
    "midst, as for fast commands, or for snapshots that the disk did not " +
    "take what was written. Neither hz nor the lazyfree settings change it.",
}, {
  events: ["eviction-cycle", "eviction-del"],
  text: () =>
    "Many keys had to go at once to make room. That follows from lowering " +
    "maxmemory far below what is in use, from one command that stores a " +
    "huge result, or from RESTORE of huge values. Lower maxmemory in steps, " +
    "and keep it well above what single commands bring in.",
}, {
  events: ["cron"],
  text: () =>
    "The work of a tick took long: the process was stopped in its midst, as " +
    "for fast commands, or writing to the append-only file was slow, which " +
    "is a part of it, or very many connections are open that nobody uses " +
    "(timeout closes them).",
}];

export function latencyAdvice(
  monitor: LatencyMonitor,
  settings: LatencySettings,
  nowMs: number,
): string {
  const { events, thresholdMs } = monitor;
  if (events.size === 0) return nothingSeen(thresholdMs);
  let text = "Some things took longer than they should:\n\n";
  let number = 0;
  for (const [event, series] of events) {
    const line = described(event, series, summaryOf(series, nowMs));
    text += `${++number}. ${line}\n`;
  }
  const advice = ADVICE
    .filter((one) => one.events.some((event) => events.has(event)))
    .map((one) => one.text(settings, thresholdMs))
    .filter((one) => one !== "");
  if (advice.length === 0) return text;
  return `${text}\nWhat helps:\n\n` +
    advice.map((one) => `- ${one}\n`).join("");
}

function nothingSeen(thresholdMs: number): string {
  return thresholdMs === 0
    ? "Latency monitoring is disabled in this server, so there is nothing " +
      "to report. CONFIG SET latency-monitor-threshold <milliseconds> " +
      "enables it; 100 is a good start.\n"
    : `Nothing has taken ${thresholdMs} ms or more so far: there is nothing ` +
      "to improve.\n";
}

function described(
  event: string,
  { maxMs }: LatencySeries,
  { count, meanMs, deviationMs, periodSeconds }: LatencySummary,
): string {
  return `${event}: ${count} latency spikes (average ${meanMs}ms, mean ` +
    `deviation ${deviationMs}ms, period ${periodSeconds.toFixed(2)} sec). ` +
    `Worst all time event ${maxMs}ms.`;
}
