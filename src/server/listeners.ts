import type { Connection } from "../net/connection.ts";
import type { Gate } from "../net/gate.ts";
import { Listener, type ListenOptions } from "../net/listener.ts";
import { type BindAddress, bindAddresses } from "./addresses.ts";
import type { Config } from "./config/config.ts";
import { describeFileError, StartError } from "./config/errors.ts";
import type { Log } from "./log.ts";

/** The system's names for "this machine has no such address". */
const MISSING_ADDRESS = new Set(["EADDRNOTAVAIL", "EINVAL"]);
const MISSING_FAMILY = new Set(["EAFNOSUPPORT", "EPROTONOSUPPORT"]);

export interface ListenersHost {
  readonly config: Config;
  readonly log: Log;
  readonly gate: Gate;
  accepted(connection: Connection): void;
}

interface Open {
  readonly listener: Listener;
  readonly host: string;
  readonly port: number;
}

/** Where a server listens: the addresses of `bind`, and `unixsocket`. */
export class Listeners {
  readonly #host: ListenersHost;
  #tcp: Open[] = [];
  #unix: Listener | null = null;
  /** Openings happen one after another. */
  #opening: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(host: ListenersHost) {
    this.#host = host;
  }

  /** What is listened on, in the words of the log. */
  get kinds(): string[] {
    const kinds: string[] = [];
    if (this.#tcp.length > 0) kinds.push("tcp");
    if (this.#unix !== null) kinds.push("unix");
    return kinds;
  }

  /** Listens as the settings say; throws StartError when that cannot be. */
  async open(): Promise<void> {
    try {
      await this.#openMissing();
      await this.#openUnix();
    } catch (error) {
      await this.close();
      throw error;
    }
    if (this.kinds.length > 0 || this.#isClosed) return;
    const problem = "Configured to not listen anywhere, exiting.";
    this.#host.log.write("warning", problem);
    throw new StartError(problem);
  }

  /**
   * Port or addresses have changed: tells at once whether they can be had, and
   * moves there. Clients that are connected stay. `settled` gets to know when
   * the new addresses are served.
   */
  move(settled: (opened: Promise<void>) => void): boolean {
    const port = this.#host.config.get("port");
    const wanted = this.#wanted();
    const missing = wanted.filter((address) => !this.#has(address, port));
    const obsolete = this.#tcp.filter((open) =>
      open.port !== port || !wanted.some(({ host }) => host === open.host)
    );
    // Addresses of one port may overlap: then the old ones go before the new
    // ones are tried, and come back when this fails.
    const overlaps = obsolete.some((open) => open.port === port);
    if (overlaps) this.#drop(obsolete);
    if (!missing.every((address) => this.#canHave(address, port))) return false;
    if (!overlaps) this.#drop(obsolete);
    this.#opening = this.#opening.then(() => this.#openMissing())
      .catch((error) =>
        this.#host.log.write("warning", `Listening failed: ${error.message}`)
      );
    settled(this.#opening);
    return true;
  }

  /** Without a word where another one shall be the log's last. */
  async close({ silently = false } = {}): Promise<void> {
    this.#isClosed = true;
    const { log } = this.#host;
    if (this.#unix !== null && !silently) {
      log.write("notice", "Removing the unix socket file.");
    }
    await this.#opening;
    await Promise.all([
      this.#unix?.close(),
      ...this.#tcp.map(({ listener }) => listener.close()),
    ]);
  }

  #wanted(): readonly BindAddress[] {
    const { config } = this.#host;
    return config.get("port") === 0 ? [] : bindAddresses(config.get("bind"));
  }

  #has({ host }: BindAddress, port: number): boolean {
    return this.#tcp.some((open) => open.host === host && open.port === port);
  }

  #drop(obsolete: readonly Open[]): void {
    for (const { listener } of obsolete) listener.close();
    this.#tcp = this.#tcp.filter((open) => !obsolete.includes(open));
  }

  /** Tries an address out. */
  #canHave({ host, isOptional }: BindAddress, port: number): boolean {
    try {
      Deno.listen({ hostname: host, port }).close();
      return true;
    } catch (error) {
      this.#warn(host, port, reasonOf(error));
      return isOptional && !(error instanceof Deno.errors.AddrInUse);
    }
  }

  async #openMissing(): Promise<void> {
    const port = this.#host.config.get("port");
    for (const address of this.#wanted()) {
      if (!this.#has(address, port)) await this.#openTcp(address, port);
    }
  }

  async #openTcp(
    { host, isOptional }: BindAddress,
    port: number,
  ): Promise<void> {
    try {
      const listener = await Listener.open({ host, port }, this.#options());
      if (this.#isClosed) await listener.close();
      else this.#tcp.push({ listener, host, port });
    } catch (error) {
      this.#warn(host, port, reasonOf(error));
      const { code } = error as { code?: string };
      if (isOptional && MISSING_ADDRESS.has(code ?? "")) return;
      if (MISSING_FAMILY.has(code ?? "")) return;
      throw this.#failure(port, "tcp");
    }
  }

  async #openUnix(): Promise<void> {
    const { config, log } = this.#host;
    const path = config.get("unixsocket") ?? "";
    if (path === "" || this.#isClosed) return;
    const fullPath = config.pathInDir(path);
    try {
      removeOld(fullPath);
      const listener = await Listener.open({ path: fullPath }, this.#options());
      if (this.#isClosed) return await listener.close();
      this.#unix = listener;
      const mode = config.get("unixsocketperm");
      if (mode !== 0 && Deno.build.os !== "windows") {
        Deno.chmodSync(fullPath, mode);
      }
    } catch (error) {
      log.write("warning", `Failed opening Unix socket: ${reasonOf(error)}`);
      throw this.#failure(0, "unix");
    }
  }

  #options(): ListenOptions {
    const { config, gate, accepted } = this.#host;
    return {
      gate,
      backlog: config.get("tcp-backlog"),
      keepAliveSeconds: () => config.get("tcp-keepalive"),
      accepted,
    };
  }

  #warn(host: string, port: number, reason: string): void {
    this.#host.log.write(
      "warning",
      "Warning: Could not create server TCP listening socket " +
        `${host}:${port}: ${reason}`,
    );
  }

  #failure(port: number, kind: string): StartError {
    const problem = `Failed listening on port ${port} (${kind}), aborting.`;
    this.#host.log.write("warning", problem);
    return new StartError(problem);
  }
}

/** What a server that died has left behind would be in the way. */
function removeOld(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The words of the C library, as far as there are any. */
function reasonOf(error: unknown): string {
  const { code } = error as { code?: string };
  const isInUse = code === "EADDRINUSE" ||
    error instanceof Deno.errors.AddrInUse;
  if (isInUse) return "bind: Address already in use";
  if (code === "EADDRNOTAVAIL") return "bind: Cannot assign requested address";
  if (code === "EACCES") return "bind: Permission denied";
  if (code === "ENOENT") return "bind: No such file or directory";
  return describeFileError(error);
}
