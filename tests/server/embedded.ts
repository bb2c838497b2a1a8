/** Servers within the test's own process. */
import { Config, type GivenValues } from "../../src/server/config/config.ts";
import { Log } from "../../src/server/log.ts";
import { Server } from "../../src/server/server.ts";
import { freePort } from "../support/launch.ts";

export interface Embedded extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  /** What it has logged so far. */
  log(): string;
}

/**
 * Starts a server on a free port of 127.0.0.1 that saves nothing, unless the
 * values say more.
 */
export async function embed(values: GivenValues = {}): Promise<Embedded> {
  const port = freePort();
  let text = "";
  const log = new Log((line) => void (text += line));
  const config = Config.from({
    bind: "127.0.0.1",
    port,
    save: "",
    ...values,
  });
  const server = new Server(config, { log });
  await server.start();
  return {
    server,
    port,
    log: () => text,
    [Symbol.asyncDispose]: () => server.stop({ save: "nosave" }),
  };
}

/** Waits for something that comes by itself; throws when it does not. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!await holds()) {
    if (performance.now() > endMs) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
