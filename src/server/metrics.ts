import type { MemoryFace } from "../commands/call.ts";
import { SESSION_BYTES } from "../dispatch/session.ts";
import { allocatorReport } from "./allocator_report.ts";
import type { Server } from "./server.ts";

/** So many seconds make an instantaneous rate. */
const SAMPLE_COUNT = 16;

/** A counter's growth per second over the last samples. */
class Rate {
  readonly #samples: number[] = [];
  #last = 0;

  sample(value: number): void {
    this.#samples.push(Math.max(0, value - this.#last));
    if (this.#samples.length > SAMPLE_COUNT) this.#samples.shift();
    this.#last = value;
  }

  get perSecond(): number {
    const sum = this.#samples.reduce((total, growth) => total + growth, 0);
    return this.#samples.length === 0 ? 0 : sum / this.#samples.length;
  }
}

/** The server's figures over time: memory peaks and rates. */
export class Metrics implements MemoryFace {
  startupBytes = 0;
  #peakBytes = 0;
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

  /** Once a second. */
  sample(): void {
    const { clients, dispatcher } = this.#server;
    this.#rates.operations.sample(dispatcher.statistics.commandsProcessed);
    this.#rates.inputBytes.sample(clients.netInputBytes);
    this.#rates.outputBytes.sample(clients.netOutputBytes);
    this.#rates.turns.sample(dispatcher.statistics.turnCount);
    this.#rates.turnMs.sample(dispatcher.statistics.turnMs);
    this.#peakBytes = Math.max(this.#peakBytes, this.used);
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
    return this.allocated + this.clientBytes + this.logBufferBytes;
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

  get startup(): number {
    return this.startupBytes;
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
    let bytes = this.#server.clients.count * SESSION_BYTES;
    for (const session of this.#server.clients.sessions()) {
      bytes += session.transport.pendingBytes;
    }
    return bytes;
  }
}
