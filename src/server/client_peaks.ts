import { clientMemory } from "../dispatch/client_memory.ts";
import type { ClientSession } from "../dispatch/session.ts";

/** A peak is forgotten after so many rounds, of a second each. */
const ROUNDS = 8;

interface Peak {
  input: number;
  output: number;
}

/** The largest buffers that any client has had of late. */
export class ClientPeaks {
  #past: Peak[] = [];
  #now: Peak = { input: 0, output: 0 };

  /** Once a second for each client. */
  note(session: ClientSession): void {
    raise(this.#now, session);
  }

  endRound(): void {
    this.#past = [...this.#past, this.#now].slice(-ROUNDS);
    this.#now = { input: 0, output: 0 };
  }

  /** Those of the last seconds and of now. */
  recent(sessions: Iterable<ClientSession>): Readonly<Peak> {
    const peak = { ...this.#now };
    for (const session of sessions) raise(peak, session);
    for (const { input, output } of this.#past) {
      peak.input = Math.max(peak.input, input);
      peak.output = Math.max(peak.output, output);
    }
    return peak;
  }
}

function raise(peak: Peak, session: ClientSession): void {
  const memory = clientMemory(session);
  const received = memory.input + memory.inputFree + memory.argumentBytes;
  peak.input = Math.max(peak.input, received);
  peak.output = Math.max(peak.output, memory.output);
}
