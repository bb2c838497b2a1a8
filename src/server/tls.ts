import { Connection } from "../net/connection.ts";
import type { Gate } from "../net/gate.ts";
import { Handshakes } from "../net/handshakes.ts";
import { TlsContext } from "../net/tls_context.ts";
import type { TlsIdentity } from "../net/tls_peer.ts";
import type { Clients } from "./clients.ts";
import type { Config } from "./config/config.ts";
import { describeFileError, StartError } from "./config/errors.ts";
import type { Log } from "./log.ts";
import { readIdentity, readTerms, tlsPaths, TlsProblem } from "./tls_files.ts";

export interface TlsHost {
  readonly settings: Config;
  readonly journal: Log;
  readonly gate: Gate;
  readonly clients: Pick<Clients, "room" | "rejected" | "accept">;
}

/**
 * TLS as the settings say: the terms of new connections, made anew when a
 * setting or one of the files changes. Who is connected stays so.
 */
export class Tls {
  readonly handshakes: Handshakes;
  readonly #host: TlsHost;
  #isReady = false;
  /** How the files looked when they were read. */
  #stamps = "";
  #isLooking = false;
  #failureCount = 0;
  #lastFailure = "";

  constructor(host: TlsHost) {
    this.#host = host;
    this.handshakes = new Handshakes({
      room: () => host.clients.room,
      rejected: () => void host.clients.rejected++,
      secured: (socket) => {
        const connection = new Connection(socket, null, host.gate, true);
        host.clients.accept(connection);
      },
      failed: (address, reason) => {
        this.#failureCount++;
        this.#lastFailure = `${reason} (addr=${address})`;
      },
    });
  }

  /** At the start; throws StartError. */
  async begin(): Promise<void> {
    if (!this.#isWanted) return;
    this.#stamps = await stampsOf(tlsPaths(this.#host.settings));
    if (!this.#adopt()) {
      const problem = "Failed to configure TLS. Check logs for more info.";
      this.#host.journal.write("warning", problem);
      throw new StartError(problem);
    }
    const clients = this.#host.settings.get("tls-auth-clients");
    const demand = {
      yes: "TLS clients must show a certificate",
      optional: "TLS clients may show a certificate",
      no: "TLS clients need no certificate",
    }[clients];
    this.#host.journal.write(
      "notice",
      `${demand} (tls-auth-clients ${clients})`,
    );
  }

  /** A setting has changed; false when TLS cannot be so. */
  refresh(): boolean {
    return !this.#isWanted || this.#adopt();
  }

  /** What we show to other servers of the cluster; null without TLS. */
  clusterIdentity(): TlsIdentity | null {
    const { settings } = this.#host;
    return settings.get("tls-cluster") ? readIdentity(settings) : null;
  }

  /** Once a second. */
  tick(): void {
    this.#tellFailures();
    if (this.#isReady && !this.#isLooking) this.#lookAtFiles();
  }

  close(): void {
    this.#isReady = false;
    this.handshakes.close();
  }

  get #isWanted(): boolean {
    const { settings } = this.#host;
    return settings.get("tls-port") !== 0 || settings.get("tls-cluster") ||
      settings.get("tls-replication");
  }

  #adopt(): boolean {
    try {
      const terms = readTerms(this.#host.settings);
      this.handshakes.adopt(new TlsContext(terms));
      this.#isReady = true;
      return true;
    } catch (error) {
      const reason = error instanceof TlsProblem
        ? error.message
        : describeFileError(error);
      this.#host.journal.write("warning", reason);
      return false;
    }
  }

  /** Files that were replaced one by one do not fit together until all are. */
  async #lookAtFiles(): Promise<void> {
    this.#isLooking = true;
    const stamps = await stampsOf(tlsPaths(this.#host.settings));
    this.#isLooking = false;
    if (stamps === this.#stamps || !this.#isReady) return;
    this.#stamps = stamps;
    this.#host.journal.write(
      "notice",
      this.#adopt()
        ? "The TLS files have changed: new connections use the new ones"
        : "The TLS files have changed, but what was there before stays in use",
    );
  }

  /** In one line: there may be thousands. */
  #tellFailures(): void {
    if (this.#failureCount === 0) return;
    const others = this.#failureCount > 1
      ? `, and ${this.#failureCount - 1} others`
      : "";
    this.#failureCount = 0;
    this.#host.journal.write(
      "warning",
      `Error accepting a client connection: ${this.#lastFailure}${others}`,
    );
  }
}

async function stampsOf(paths: readonly string[]): Promise<string> {
  const stamps = await Promise.all(paths.map(async (path) => {
    try {
      const { mtime, size, ino } = await Deno.stat(path);
      return `${path} ${mtime?.getTime()} ${size} ${ino}`;
    } catch (error) {
      return `${path} ${describeFileError(error)}`;
    }
  }));
  return stamps.join("\n");
}
