import { clientMemory } from "../dispatch/client_memory.ts";
import type { ClientSession } from "../dispatch/session.ts";

/** A peak is forgotten after so many seconds. */
const SECONDS = 8;

/** The largest buffers that any client has had of late. */
export class ClientPeaks {
  #inputs: number[] = [];
  #outputs: number[] = [];

  /** Once a second. */
  sample(sessions: Iterable<ClientSession>): void {
    const { input, output } = largest(sessions);
    this.#inputs = [...this.#inputs, input].slice(-SECONDS);
    this.#outputs = [...this.#outputs, output].slice(-SECONDS);
  }

  /** Those of the last seconds and of now. */
  recent(
    sessions: Iterable<ClientSession>,
  ): { input: number; output: number } {
    const { input, output } = largest(sessions);
    return {
      input: Math.max(input, ...this.#inputs),
      output: Math.max(output, ...this.#outputs),
    };
  }
}

function largest(
  sessions: Iterable<ClientSession>,
): { input: number; output: number } {
  let input = 0;
  let output = 0;
  for (const session of sessions) {
    const memory = clientMemory(session);
    const received = memory.input + memory.inputFree + memory.argumentBytes;
    input = Math.max(input, received);
    output = Math.max(output, memory.output);
  }
  return { input, output };
}
