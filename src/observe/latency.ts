import type { LatencyFace, LatencySample } from "../commands/observation.ts";
import type { LatencyEvent } from "../protocol/latency_events.ts";
import { latencyAdvice, type LatencySettings } from "./latency_doctor.ts";
import { latencyGraph } from "./latency_graph.ts";
import { LatencyMonitor } from "./latency_monitor.ts";

/** The latency monitor as everybody else sees it. */
export class Latency implements LatencyFace {
  readonly #monitor = new LatencyMonitor();
  readonly #settings: () => LatencySettings;

  constructor(settings: () => LatencySettings) {
    this.#settings = settings;
  }

  set thresholdMs(ms: number) {
    this.#monitor.thresholdMs = ms;
  }

  note(event: LatencyEvent, ms: number): void {
    this.#monitor.note(event, ms);
  }

  latest() {
    return [...this.#monitor.events].map(([event, { samples, maxMs }]) => ({
      event,
      last: samples[samples.length - 1],
      maxMs,
    }));
  }

  history(event: string): readonly LatencySample[] {
    return this.#monitor.events.get(event)?.samples ?? [];
  }

  graph(event: string): string | null {
    const series = this.#monitor.events.get(event);
    return series === undefined
      ? null
      : latencyGraph(event, series, Date.now());
  }

  reset(event?: string): number {
    return this.#monitor.reset(event);
  }

  advice(): string {
    return latencyAdvice(this.#monitor, this.#settings(), Date.now());
  }
}
