/** Puts collections on a server before it is measured. */
import { connect, ReplyError } from "../../tests/support/client.ts";

export interface Fill {
  count: number;
  /** How many items one command takes. */
  perCommand: number;
  /** The command for so many items from the first one on. */
  command(first: number, size: number): string[];
}

const PER_COMMAND = 500;
const ITEMS_IN_FLIGHT = 5_000;
const TIMEOUT_MS = 60_000;

/** Many items of one collection: `words`, then each item's own. */
export function itemsOf(
  words: string[],
  item: (i: number) => string[],
  count: number,
): Fill {
  const command = (first: number, size: number) => {
    const all = [...words];
    for (let i = first; i < first + size; i++) all.push(...item(i));
    return all;
  };
  return { count, perCommand: PER_COMMAND, command };
}

/** A collection for each number. */
export function collectionsOf(
  command: (i: number) => string[],
  count: number,
): Fill {
  return { count, perCommand: 1, command };
}

export async function fill(port: number, content: Fill): Promise<void> {
  const { count, perCommand, command } = content;
  using client = await connect(port, { timeoutMs: TIMEOUT_MS });
  for (let first = 0; first < count;) {
    const commands: string[][] = [];
    const until = Math.min(first + ITEMS_IN_FLIGHT, count);
    while (first < until) {
      const size = Math.min(perCommand, until - first);
      commands.push(command(first, size));
      first += size;
    }
    for (const reply of await client.pipeline(commands)) {
      if (reply instanceof ReplyError) throw reply;
    }
  }
}
