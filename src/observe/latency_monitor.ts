import type { LatencySample } from "../commands/observation.ts";
import type { LatencyEvent } from "../protocol/latency_events.ts";

/** So many seconds in which it happened are kept of each event. */
const HISTORY_MAX = 160;

/** What is known of one event. */
export interface LatencySeries {
  /** The worst of each second in which it happened, the oldest first. */
  readonly samples: readonly LatencySample[];
  /** The worst of all, also of those that are not kept any more. */
  readonly maxMs: number;
}

/** What can be told of a series. */
export interface LatencySummary {
  readonly count: number;
  readonly meanMs: number;
  readonly deviationMs: number;
  /** So many seconds lie between two of them. */
  readonly periodSeconds: number;
}

/**
 * What took so long that others may have had to wait, by the kind of event. At
 * most one sample a second is kept of each, the worst one.
 */
export class LatencyMonitor {
  /** What takes less is not noted; 0 for nothing at all. */
  thresholdMs = 0;
  readonly #series = new Map<
    string,
    { samples: { unixSeconds: number; ms: number }[]; maxMs: number }
  >();

  note(event: LatencyEvent, ms: number): void {
    if (this.thresholdMs === 0 || ms < this.thresholdMs) return;
    this.#keep(event, Math.floor(ms));
  }

  get events(): ReadonlyMap<string, LatencySeries> {
    return this.#series;
  }

  /** Forgets events whose name it is in any case; how many it were. */
  reset(event?: string): number {
    const wanted = event?.toLowerCase();
    let count = 0;
    for (const name of [...this.#series.keys()]) {
      if (wanted !== undefined && name.toLowerCase() !== wanted) continue;
      this.#series.delete(name);
      count++;
    }
    return count;
  }

  #keep(event: LatencyEvent, ms: number): void {
    let series = this.#series.get(event);
    if (series === undefined) {
      series = { samples: [], maxMs: 0 };
      this.#series.set(event, series);
    }
    series.maxMs = Math.max(series.maxMs, ms);
    const { samples } = series;
    const unixSeconds = Math.floor(Date.now() / 1000);
    const last = samples.at(-1);
    if (last?.unixSeconds === unixSeconds) {
      last.ms = Math.max(last.ms, ms);
      return;
    }
    samples.push({ unixSeconds, ms });
    if (samples.length > HISTORY_MAX) samples.shift();
  }
}

/** The mean of the samples, and how far they lie from it in the mean. */
export function summaryOf(
  { samples }: LatencySeries,
  nowMs: number,
): LatencySummary {
  const count = samples.length;
  const meanMs = meanOf(samples.map(({ ms }) => ms));
  const deviationMs = meanOf(samples.map(({ ms }) => Math.abs(ms - meanMs)));
  const seconds = Math.floor(nowMs / 1000) - samples[0].unixSeconds;
  const periodSeconds = Math.max(1, seconds) / count;
  return { count, meanMs, deviationMs, periodSeconds };
}

function meanOf(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return Math.floor(sum / values.length);
}
