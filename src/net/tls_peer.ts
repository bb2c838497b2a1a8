import process from "node:process";
import type { TLSSocket } from "node:tls";

/** With which certificate we go to other servers, and whom we believe. */
export interface TlsIdentity {
  readonly certificates: string;
  readonly key: string;
  readonly authorities: readonly string[];
}

/** What a `Peer` needs of a connection. */
export interface PeerConnection {
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/**
 * Opens a TLS connection. The other end must show a certificate of one of our
 * authorities; which name it bears does not matter, as with Redis. That is why
 * `node:tls` does it: `Deno.connectTls` insists on the name.
 */
export async function connectTls(
  host: string,
  port: number,
  identity: TlsIdentity,
  signal: AbortSignal,
): Promise<PeerConnection> {
  const { connect } = process.getBuiltinModule("node:tls");
  const socket = connect({
    host,
    port,
    cert: identity.certificates,
    key: identity.key,
    ca: [...identity.authorities],
    checkServerIdentity: () => undefined,
  });
  const connected = Promise.withResolvers<void>();
  const giveUp = () => socket.destroy(new Error("the connection timed out"));
  signal.addEventListener("abort", giveUp);
  socket.once("secureConnect", connected.resolve);
  socket.once("error", connected.reject);
  socket.once("close", () => connected.reject(new Error("it was closed")));
  try {
    await connected.promise;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
  socket.setNoDelay(true);
  return new TlsPeerConnection(socket);
}

class TlsPeerConnection implements PeerConnection {
  readonly #socket: TLSSocket;
  #hasEnded = false;
  /** Whoever waits for bytes. */
  #arrived = Promise.withResolvers<void>();

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    const wake = () => {
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers();
    };
    const end = () => {
      this.#hasEnded = true;
      wake();
    };
    socket.on("readable", wake);
    socket.on("end", end);
    socket.on("error", end);
    socket.on("close", end);
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  get localPort(): number | undefined {
    return this.#socket.localPort;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (true) {
      const { readableLength } = this.#socket;
      const count = Math.min(readableLength, into.length);
      const bytes: Uint8Array | null = count > 0
        ? this.#socket.read(count)
        : null;
      if (bytes !== null) {
        into.set(bytes);
        return bytes.length;
      }
      if (this.#hasEnded) return null;
      // Asks for more, should nothing be on its way.
      this.#socket.read(0);
      await this.#arrived.promise;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((settle, fail) => {
      this.#socket.write(bytes, (error) => {
        if (error) fail(error);
        else settle(bytes.length);
      });
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
