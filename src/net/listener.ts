import { createServer, type Server as NetServer, type Socket } from "node:net";
import { Connection } from "./connection.ts";
import { Door } from "./door.ts";
import type { Gate } from "./gate.ts";
import type { Handshakes } from "./handshakes.ts";

/** Where to listen: a TCP address, or a unix socket's path. */
export type Endpoint =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

export interface ListenOptions {
  readonly backlog: number;
  /** Where replies of all connections wait. */
  readonly gate: Gate;
  /** Seconds between probes of a silent connection, 0 for none. */
  keepAliveSeconds(): number;
  /** Who comes through TLS has to shake hands first, and is accepted there. */
  readonly handshakes?: Handshakes;
  accepted(connection: Connection): void;
}

/** One listening socket. */
export class Listener {
  readonly #server: NetServer;
  readonly #path: string | null;
  readonly #door: Door | null;

  private constructor(
    server: NetServer,
    path: string | null,
    door: Door | null,
  ) {
    this.#server = server;
    this.#path = path;
    this.#door = door;
  }

  /** Rejects with the system's error when the endpoint cannot be had. */
  static open(endpoint: Endpoint, options: ListenOptions): Promise<Listener> {
    const path = "path" in endpoint ? endpoint.path : null;
    const enter = (socket: Socket) => {
      const seconds = options.keepAliveSeconds();
      if (path === null && seconds > 0) {
        socket.setKeepAlive(true, seconds * 1000);
      }
      if (options.handshakes) options.handshakes.begin(socket);
      else options.accepted(new Connection(socket, path, options.gate));
    };
    const server = createServer({
      noDelay: true,
      allowHalfOpen: true,
      // Whoever gets the socket begins to read.
      pauseOnConnect: true,
    }, enter);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      const place = "path" in endpoint ? { path: endpoint.path } : {
        host: endpoint.host,
        port: endpoint.port,
        // An address of each family is listed on its own.
        ipv6Only: endpoint.host.includes(":"),
      };
      server.listen({ ...place, backlog: options.backlog }, () => {
        server.off("error", reject);
        // What goes wrong with one accept concerns that client only.
        server.on("error", () => {});
        // A unix socket cannot be told to look again.
        const door = path === null
          ? Door.of(server, options.backlog, enter)
          : null;
        resolve(new Listener(server, path, door));
      });
    });
  }

  /**
   * Looks for newcomers, to be called now and then: the runtime does not any
   * more when it had no descriptor for one.
   */
  look(): void {
    this.#door?.look();
  }

  /**
   * Accepts nobody any more; connections live on. Resolves when the last of
   * them has ended.
   */
  close(): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    if (this.#path !== null) removeFile(this.#path);
    this.#door?.close();
    return closed.promise;
  }
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Somebody else has removed it, or may; nothing depends on it.
  }
}
