/** A proxy that changes replies on their way, to see that it is noticed. */

import { latin1 } from "../support/reply.ts";
import { toBytes } from "./bytes.ts";

export class FlippingProxy implements AsyncDisposable {
  readonly port: number;
  #listener: Deno.TcpListener;
  #target: number;
  #change: (text: string) => string;
  #open = new Set<Deno.TcpConn>();
  #work: Promise<void>[] = [];

  /** `change` sees the replies as they pass and must keep their length. */
  constructor(target: number, change: (text: string) => string) {
    this.#target = target;
    this.#change = change;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#work.push(this.#accept());
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      const server = await Deno.connect({
        hostname: "127.0.0.1",
        port: this.#target,
      });
      for (const connection of [client, server]) this.#open.add(connection);
      this.#work.push(this.#pass(client, server, (text) => text));
      this.#work.push(this.#pass(server, client, this.#change));
    }
  }

  async #pass(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    change: (text: string) => string,
  ): Promise<void> {
    const buffer = new Uint8Array(65536);
    try {
      for (let count; (count = await from.read(buffer)) !== null;) {
        await writeAll(to, toBytes(change(latin1(buffer.subarray(0, count)))));
      }
    } catch {
      // One of the two has gone; the other is closed below.
    }
    for (const connection of [from, to]) this.#close(connection);
  }

  #close(connection: Deno.TcpConn): void {
    if (this.#open.delete(connection)) connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) this.#close(connection);
    await Promise.all(this.#work);
  }
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await to.write(bytes.subarray(sent));
  }
}
