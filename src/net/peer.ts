import { endpoint } from "./endpoint.ts";
import {
  connectTls,
  type PeerConnection,
  type TlsIdentity,
} from "./tls_peer.ts";

/** Longer lines are nothing that a Redis server replies with. */
const LINE_MAX_BYTES = 65_536;
const READ_BYTES = 4096;
const LF = 10, CR = 13;

/**
 * A connection to another server, opened by us: bytes go out, lines come back.
 * Whatever takes longer than it may closes the connection and throws.
 */
export class Peer {
  /** Whether it was closed because something took too long. */
  timedOut = false;
  /** Our end of it, which is the other server's client. */
  readonly localAddress: string;
  #isClosed = false;
  readonly #connection: PeerConnection;
  readonly #input = new Uint8Array(READ_BYTES);
  #start = 0;
  #end = 0;

  private constructor(connection: PeerConnection) {
    this.#connection = connection;
    this.localAddress = endpoint(
      connection.localAddress,
      connection.localPort,
    );
  }

  /** With an identity the connection is one of TLS. */
  static async connect(
    hostname: string,
    port: number,
    timeoutMs: number,
    identity: TlsIdentity | null = null,
  ): Promise<Peer> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeoutMs);
    try {
      const { signal } = late;
      return new Peer(
        identity === null
          ? await connectPlain(hostname, port, signal)
          : await connectTls(hostname, port, identity, signal),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends all bytes; each write may take so long. */
  async send(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    for (let sent = 0; sent < bytes.length;) {
      const rest = bytes.subarray(sent);
      sent += await this.#within(
        timeoutMs,
        () => this.#connection.write(rest),
      );
    }
  }

  /** The next line, one char a byte, without its end. */
  async readLine(timeoutMs: number): Promise<string> {
    let line = "";
    while (true) {
      while (this.#start < this.#end) {
        const byte = this.#input[this.#start++];
        if (byte === LF) return line;
        if (byte !== CR) line += String.fromCharCode(byte);
      }
      if (line.length > LINE_MAX_BYTES) throw new Error("an endless line");
      const count = await this.#within(
        timeoutMs,
        () => this.#connection.read(this.#input),
      );
      if (count === null) throw new Error("the peer hung up");
      this.#start = 0;
      this.#end = count;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  async #within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.timedOut = true;
      this.close();
    }, timeoutMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }
}

async function connectPlain(
  hostname: string,
  port: number,
  signal: AbortSignal,
): Promise<PeerConnection> {
  const connection = await Deno.connect({ hostname, port, signal });
  connection.setNoDelay(true);
  return {
    localAddress: connection.localAddr.hostname,
    localPort: connection.localAddr.port,
    read: (into) => connection.read(into),
    write: (bytes) => connection.write(bytes),
    close: () => connection.close(),
  };
}
