/** A client that writes as fast as it gets replies, until the server dies. */
import { type Client, connect, encodeCommands } from "../support/client.ts";
import type { History } from "./history.ts";

export interface WriterOptions {
  port: number;
  history: History;
  database: number;
  /** How many commands are on their way at a time. */
  pipeline: number;
}

export class Writer {
  readonly history: History;
  /** How many commands were refused, by the first word of the refusal. */
  readonly refusals = new Map<string, number>();
  readonly #options: WriterOptions;
  #isStopping = false;
  #client: Client | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.history = options.history;
  }

  /** Comes in; from then on the server may die at any moment. */
  async begin(): Promise<void> {
    this.#client = await connect(this.#options.port);
    await this.#client.call("SELECT", this.#options.database);
  }

  /** Ends when the server hangs up, or after `stop`. */
  async run(): Promise<void> {
    if (this.#client === undefined) await this.begin();
    using client = this.#client as Client;
    while (!this.#isStopping && await this.#batch(client));
  }

  /** Ends the run after the commands that are on their way. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Whether the server is still there. */
  async #batch(client: Client): Promise<boolean> {
    const { history } = this;
    const { pipeline } = this.#options;
    const commands = Array.from({ length: pipeline }, () => history.next());
    client.sendRaw(encodeCommands(commands));
    let isRefused = false;
    for (const command of commands) {
      let reply;
      try {
        reply = await client.readReply();
      } catch (error) {
        if (String(error).includes("hung up")) return false;
        throw error;
      }
      if (reply.kind !== "error" || reply.text === "ERR no such key") {
        history.acknowledge();
      } else if (/^(MISCONF|OOM|LOADING) /.test(reply.text)) {
        const [word] = reply.text.split(" ");
        this.refusals.set(word, (this.refusals.get(word) ?? 0) + 1);
        history.refused();
        isRefused = true;
      } else throw new Error(`${command.join(" ")}: ${reply.text}`);
    }
    // Whoever is refused does not ask again at once.
    if (isRefused) await new Promise((resolve) => setTimeout(resolve, 5));
    return true;
  }
}

/** What a server that has been started again has of a history. */
export async function recovered(
  port: number,
  database: number,
  history: History,
): Promise<unknown[]> {
  using client = await connect(port);
  await client.call("SELECT", database);
  return await client.pipeline(history.readers());
}
