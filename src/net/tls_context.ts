import type { Socket } from "node:net";
import process from "node:process";
import { Duplex } from "node:stream";
import type { Server as TlsServer, TLSSocket } from "node:tls";
import { ClientCertificates, type Demand } from "./client_certificates.ts";

/** What a server's end of TLS is made of; certificates and key in PEM. */
export interface TlsTerms {
  /** The server's own, and what lies between it and its root. */
  readonly certificates: string;
  readonly key: string;
  /** Whose certificates clients may show. */
  readonly authorities: readonly string[];
  readonly clients: Demand;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion: "TLSv1.2" | "TLSv1.3";
}

export interface TlsEvents {
  secured(socket: TLSSocket): void;
  failed(socket: Socket, reason: string): void;
}

/**
 * Makes TLS connections of plain ones, on terms that do not change: new
 * certificates are a new context, and whoever is connected stays.
 *
 * `node:tls` does the work, because `Deno.listenTls` cannot ask for a client's
 * certificate and keeps the terms that it has begun with; its server is given
 * the connections and listens nowhere. It is loaded when it is needed first.
 */
export class TlsContext {
  readonly #server: TlsServer;
  readonly #clients: ClientCertificates;

  constructor(terms: TlsTerms) {
    this.#clients = new ClientCertificates(terms.clients);
    const { createServer } = process.getBuiltinModule("node:tls");
    const options = {
      cert: terms.certificates,
      key: terms.key,
      ca: [...terms.authorities],
      minVersion: terms.minVersion,
      maxVersion: terms.maxVersion,
      requestCert: terms.clients !== "no",
      rejectUnauthorized: terms.clients === "yes",
    };
    this.#server = createServer(options);
    warmUp(() => createServer(options));
  }

  listen(events: TlsEvents): void {
    this.#server.on("secureConnection", (socket) => {
      if (this.#clients.mayEnter(socket)) events.secured(socket);
      else events.failed(socket, "the certificate is not accepted");
    });
    this.#server.on("tlsClientError", (error, socket) => {
      events.failed(socket, error.message);
    });
  }

  /** Shakes hands with a client that has sent its first words. */
  begin(socket: Socket): void {
    this.#server.emit("connection", socket);
  }
}

let isWarm = false;

/**
 * The first connection takes the runtime tens of milliseconds, the next one
 * half a millisecond. So the first is nobody's, before anybody can wait.
 */
function warmUp(create: () => TlsServer): void {
  if (isWarm) return;
  isWarm = true;
  const nobody = new Duplex();
  create().emit("connection", nobody);
  nobody.destroy();
}
