import type { Connection } from "../net/connection.ts";
import type { Gate } from "../net/gate.ts";
import type { Handshakes } from "../net/handshakes.ts";
import { Listener, type ListenOptions } from "../net/listener.ts";
import { hasPlace, makePlaces } from "../net/places.ts";
import { type BindAddress, bindAddresses } from "./addresses.ts";
import type { Config } from "./config/config.ts";
import { describeFileError, StartError } from "./config/errors.ts";
import type { Log } from "./log.ts";

/** The system's names for "this machine has no such address". */
const MISSING_ADDRESS = new Set(["EADDRNOTAVAIL", "EINVAL"]);
const MISSING_FAMILY = new Set(["EAFNOSUPPORT", "EPROTONOSUPPORT"]);

const PREPARE_AFTER_MS = 100;

export interface ListenersHost {
  readonly config: Config;
  readonly log: Log;
  readonly gate: Gate;
  readonly handshakes: Handshakes;
  accepted(connection: Connection): void;
}

type Kind = "tcp" | "tls";

interface Wanted extends BindAddress {
  readonly kind: Kind;
  readonly port: number;
}

interface Open {
  readonly listener: Listener;
  readonly kind: Kind;
  readonly host: string;
  readonly port: number;
}

/**
 * Where a server listens: the addresses of `bind` with `port` and `tls-port`,
 * and `unixsocket`.
 */
export class Listeners {
  readonly #host: ListenersHost;
  #open: Open[] = [];
  #unix: Listener | null = null;
  /** Openings happen one after another. */
  #opening: Promise<void> = Promise.resolve();
  #preparing: ReturnType<typeof setTimeout> | undefined;
  /** Goes on in the background. */
  #places: Promise<void> = Promise.resolve();
  /** Whether there was no descriptor left when it was looked at last. */
  #isFull = false;
  readonly #closing = new AbortController();
  #isClosed = false;

  constructor(host: ListenersHost) {
    this.#host = host;
  }

  /** What is listened on, in the words of the log. */
  get kinds(): string[] {
    const kinds: string[] = [...new Set(this.#open.map(({ kind }) => kind))];
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
   * Ports or addresses have changed: tells at once whether they can be had, and
   * moves there. Clients that are connected stay. `settled` gets to know when
   * the new addresses are served.
   */
  move(settled: (opened: Promise<void>) => void): boolean {
    const wanted = this.#wanted();
    const missing = wanted.filter((one) => !this.#has(one));
    const obsolete = this.#open.filter((open) =>
      !wanted.some((one) => isSame(one, open))
    );
    // Addresses of one port may overlap: then the old ones go before the new
    // ones are tried, and come back when this fails.
    const overlaps = obsolete.some(({ port }) =>
      missing.some((one) => one.port === port)
    );
    if (overlaps) this.#drop(obsolete);
    if (!missing.every((one) => this.#canHave(one))) return false;
    if (!overlaps) this.#drop(obsolete);
    this.#opening = this.#opening.then(() => this.#openMissing())
      .catch((error) =>
        this.#host.log.write("warning", `Listening failed: ${error.message}`)
      );
    settled(this.#opening);
    return true;
  }

  /**
   * Prepares for as many clients as there may be, in the background, and not
   * while the first ones are waiting for the server to begin.
   */
  prepare(): void {
    this.#preparing = setTimeout(() => this.#prepare(), PREPARE_AFTER_MS);
  }

  #prepare(): void {
    const { config } = this.#host;
    this.#places = makePlaces(
      config.get("maxclients"),
      config.get("dir"),
      this.#closing.signal,
    ).then((areEnough) => {
      if (!areEnough) this.#isFull = true;
    });
  }

  /** Looks for newcomers, ten times a second: see `Door`. */
  look(): void {
    for (const { listener } of this.#open) listener.look();
  }

  /** Says that nobody can come in, once a second while that is so. */
  watch(): void {
    const wasFull = this.#isFull;
    this.#isFull = !hasPlace(this.#host.config.get("dir"));
    if (this.#isFull) {
      this.#host.log.write(
        "warning",
        "Accepting client connection: accept: Too many open files",
      );
    } else if (wasFull && this.#unix !== null) this.#reopenUnix();
  }

  /** A unix socket that had no descriptor for somebody accepts nobody more. */
  #reopenUnix(): void {
    this.#unix?.close();
    this.#unix = null;
    this.#opening = this.#opening.then(() => this.#openUnix())
      .catch(() => {/* The log says why. */});
  }

  /** Without a word where another one shall be the log's last. */
  async close({ silently = false } = {}): Promise<void> {
    this.#isClosed = true;
    this.#closing.abort();
    clearTimeout(this.#preparing);
    const { log } = this.#host;
    if (this.#unix !== null && !silently) {
      log.write("notice", "Removing the unix socket file.");
    }
    await this.#opening;
    await Promise.all([
      this.#places,
      this.#unix?.close(),
      ...this.#open.map(({ listener }) => listener.close()),
    ]);
  }

  #wanted(): Wanted[] {
    const { config } = this.#host;
    const ports = [
      { kind: "tcp", port: config.get("port") },
      { kind: "tls", port: config.get("tls-port") },
    ] as const;
    return ports.filter(({ port }) => port !== 0).flatMap((one) =>
      bindAddresses(config.get("bind")).map((address) => ({
        ...address,
        ...one,
      }))
    );
  }

  #has(wanted: Wanted): boolean {
    return this.#open.some((open) => isSame(wanted, open));
  }

  #drop(obsolete: readonly Open[]): void {
    for (const { listener } of obsolete) listener.close();
    this.#open = this.#open.filter((open) => !obsolete.includes(open));
  }

  /** Tries an address out. */
  #canHave({ host, isOptional, port, kind }: Wanted): boolean {
    try {
      Deno.listen({ hostname: host, port }).close();
      return true;
    } catch (error) {
      this.#warn({ host, port, kind }, reasonOf(error));
      return isOptional && !(error instanceof Deno.errors.AddrInUse);
    }
  }

  async #openMissing(): Promise<void> {
    for (const wanted of this.#wanted()) {
      if (!this.#has(wanted)) await this.#openOne(wanted);
    }
  }

  async #openOne({ host, isOptional, kind, port }: Wanted): Promise<void> {
    const place = { host, port };
    try {
      const listener = await Listener.open(place, this.#options(kind));
      if (this.#isClosed) await listener.close();
      else this.#open.push({ listener, kind, ...place });
    } catch (error) {
      this.#warn({ host, port, kind }, reasonOf(error));
      const { code } = error as { code?: string };
      if (isOptional && MISSING_ADDRESS.has(code ?? "")) return;
      if (MISSING_FAMILY.has(code ?? "")) return;
      throw this.#failure(port, kind);
    }
  }

  async #openUnix(): Promise<void> {
    const { config, log } = this.#host;
    const path = config.get("unixsocket") ?? "";
    if (path === "" || this.#isClosed) return;
    const fullPath = config.pathInDir(path);
    try {
      removeOld(fullPath);
      const listener = await Listener.open(
        { path: fullPath },
        this.#options("unix"),
      );
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

  #options(kind: Kind | "unix"): ListenOptions {
    const { config, gate, handshakes, accepted } = this.#host;
    return {
      gate,
      ...kind === "tls" ? { handshakes } : {},
      backlog: config.get("tcp-backlog"),
      keepAliveSeconds: () => config.get("tcp-keepalive"),
      accepted,
    };
  }

  #warn(
    { host, port, kind }: Pick<Wanted, "host" | "port" | "kind">,
    reason: string,
  ): void {
    this.#host.log.write(
      "warning",
      `Warning: Could not create server ${kind.toUpperCase()} listening ` +
        `socket ${host}:${port}: ${reason}`,
    );
  }

  #failure(port: number, kind: string): StartError {
    const problem = `Failed listening on port ${port} (${kind}), aborting.`;
    this.#host.log.write("warning", problem);
    return new StartError(problem);
  }
}

function isSame(one: Omit<Open, "listener">, other: Open): boolean {
  return one.kind === other.kind && one.host === other.host &&
    one.port === other.port;
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
