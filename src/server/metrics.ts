import type { MemoryFace } from "../commands/call.ts";
import { clientHeapBytes, clientMemory } from "../dispatch/client_memory.ts";
import { allocatorReport } from "./allocator_report.ts";
import type { Server } from "./server.ts";

/** So many samples make an instantaneous rate: 1.6 seconds. */
const SAMPLE_COUNT = 16;

/** A counter's growth over the last samples. */
class Rate {
  readonly #samples: { growth: number; ms: number }[] = [];
  #last = 0;

  sample(value: number, ms: number): void {
    const growth = Math.max(0, value - this.#last);
    this.#samples.push({ growth, ms });
    if (this.#samples.length > SAMPLE_COUNT) this.#samples.shift();
    this.#last = value;
  }

  get perSecond(): number {
    let total = 0;
    let totalMs = 0;
    for (const { growth, ms } of this.#samples) {
      total += growth;
      totalMs += ms;
    }
    return totalMs === 0 ? 0 : total / totalMs * 1000;
  }
}

/** The server's figures over time: memory peaks and rates. */
export class Metrics implements MemoryFace {
  startup = 0;
  #peakBytes = 0;
  #sampledMs = performance.now();
  readonly #server: Server;
  readonly #rates = {
    operations: new Rate(),
    inputBytes: new Rate(),
    outputBytes: new Rate(),
    turns: new Rate(),
    turnMs: new Rate(),
  };

  constructor(server: Server) {
    this.#server = server;
  }

  /** Ten times a second. */
  sample(): void {
    const { clients, dispatcher: { statistics } } = this.#server;
    const now = performance.now();
    const ms = now - this.#sampledMs;
    this.#sampledMs = now;
    this.#rates.operations.sample(statistics.processed, ms);
    this.#rates.inputBytes.sample(clients.netInputBytes, ms);
    this.#rates.outputBytes.sample(clients.netOutputBytes, ms);
    this.#rates.turns.sample(statistics.turnCount, ms);
    this.#rates.turnMs.sample(statistics.turnMs, ms);
    // To ask all clients takes a while when there are thousands.
    const used = this.allocated + clients.round.heapBytes + this.logBufferBytes;
    this.#peakBytes = Math.max(this.#peakBytes, used);
  }

  reset(): void {
    this.#peakBytes = this.used;
  }

  get operationsPerSecond(): number {
    return this.#rates.operations.perSecond;
  }

  get inputBytesPerSecond(): number {
    return this.#rates.inputBytes.perSecond;
  }

  get outputBytesPerSecond(): number {
    return this.#rates.outputBytes.perSecond;
  }

  get turnsPerSecond(): number {
    return this.#rates.turns.perSecond;
  }

  /** How long a turn of the loop lasts in the mean. */
  get turnMs(): number {
    const turns = this.#rates.turns.perSecond;
    return turns === 0 ? 0 : this.#rates.turnMs.perSecond / turns;
  }

  /** Everything that grows with the data and those who use it. */
  get used(): number {
    return this.allocated + this.clientHeapBytes + this.logBufferBytes;
  }

  /** The part of it that eviction does not look at, as it leaves soon. */
  get uncounted(): number {
    return this.#server.engine.calls.uncountedBytes() + this.logBufferBytes;
  }

  get allocated(): number {
    return this.#server.engine.calls.usedBytes();
  }

  /** After each batch: what connections take is too costly to add up here. */
  notePeak(): void {
    const { allocated } = this;
    if (allocated > this.#peakBytes) this.#peakBytes = allocated;
  }

  get peak(): number {
    return this.#peakBytes = Math.max(this.#peakBytes, this.used);
  }

  get active(): number {
    return this.#server.engine.calls.activeBytes();
  }

  get touched(): number {
    return this.#server.engine.calls.touchedBytes();
  }

  get resident(): number {
    return Deno.memoryUsage().rss;
  }

  get clientCount(): number {
    return this.#server.clients.count;
  }

  get logBufferBytes(): number {
    return this.#server.persistence.aof.bufferBytes;
  }

  /** Memory of the engine never goes back to the system, but to its pool. */
  purge(): void {
    this.#server.engine.calls.freeSpareSlabs();
  }

  allocatorReport(): string {
    return allocatorReport(this.#server.engine);
  }

  get clientBytes(): number {
    let bytes = 0;
    for (const session of this.#server.clients.sessions()) {
      bytes += clientMemory(session).total;
    }
    return bytes;
  }

  /** The part of it that lies outside of the engine. */
  get clientHeapBytes(): number {
    let bytes = 0;
    for (const session of this.#server.clients.sessions()) {
      bytes += clientHeapBytes(session);
    }
    return bytes;
  }
}
