import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { helloState } from "./client_hello.ts";
import { endpoint } from "./endpoint.ts";
import { afterLook, forgetLook, LookClock } from "./look.ts";
import type { TlsContext } from "./tls_context.ts";

export interface HandshakeLimits {
  /** Who has not finished after so long is disconnected. */
  readonly deadlineMs: number;
  /** So many may wait with their first words; then the oldest has to go. */
  readonly silentMax: number;
  /** So many shake hands at a time. */
  readonly activeMax: number;
  /** While others wait, none of these may take longer than this. */
  readonly patienceMs: number;
}

const LIMITS: HandshakeLimits = {
  deadlineMs: 10_000,
  silentMax: 1024,
  activeMax: 64,
  patienceMs: 1000,
};
/** Signatures take a millisecond each: so many are made in one turn. */
const STARTS_A_TURN = 2;
const SWEEP_MS = 100;
/** Those who have hung up are closed for so long in one turn. */
const SLICE_MS = 1;

export interface HandshakesHost {
  /** How many clients more there may be. */
  room(): number;
  /** The handshake is done, and whoever it is may come in. */
  secured(socket: TLSSocket): void;
  /** Somebody was turned away for lack of room. */
  rejected(): void;
  failed(address: string, reason: string): void;
}

/** Somebody on the way in. */
interface Newcomer {
  readonly raw: Socket;
  /** What no two connections have in common at one time. */
  readonly name: string;
  readonly address: string;
  /** When this stage has begun. */
  sinceMs: number;
  hello: Uint8Array;
}

/**
 * TLS connections that are not established yet, bounded in time and number so
 * that nobody who is connected feels them.
 *
 *     silent -> ready -> active -> secured
 *
 * Silent ones have not sent a whole ClientHello: they cost a socket and what
 * they have sent, and are read by us, since the bytes that complete a thousand
 * of them at once would otherwise cause as many signatures in one turn. Ready
 * ones wait for theirs. Active ones have been handed to the runtime, which does
 * not tell when one of these hangs up: it is found out at its deadline.
 */
export class Handshakes {
  readonly #host: HandshakesHost;
  readonly #limits: HandshakeLimits;
  #context: TlsContext | null = null;
  readonly #silent = new Set<Newcomer>();
  readonly #ready = new Set<Newcomer>();
  /** Silent or ready ones that have hung up. */
  readonly #gone = new Set<Newcomer>();
  readonly #clock = new LookClock();
  /** By their names. */
  readonly #active = new Map<string, Newcomer>();
  #sweeper: ReturnType<typeof setInterval> | undefined;

  constructor(host: HandshakesHost, limits: HandshakeLimits = LIMITS) {
    this.#host = host;
    this.#limits = limits;
  }

  /** How many are on their way in. */
  get count(): number {
    return this.#silent.size + this.#ready.size + this.#active.size;
  }

  /** From now on handshakes are made so; null for none. */
  adopt(context: TlsContext | null): void {
    this.#context = context;
    context?.listen({
      secured: (socket) => this.#secured(socket),
      failed: (socket, reason) => this.#failed(socket, reason),
    });
  }

  begin(raw: Socket): void {
    const address = endpoint(raw.remoteAddress, raw.remotePort);
    raw.on("error", () => {});
    if (!this.#makeRoom()) {
      this.#host.rejected();
      raw.destroy();
      return;
    }
    const newcomer: Newcomer = {
      raw,
      name: nameOf(raw),
      address,
      sinceMs: Date.now(),
      hello: new Uint8Array(0),
    };
    this.#silent.add(newcomer);
    raw.on("data", (bytes: Uint8Array) => this.#received(newcomer, bytes));
    raw.on("end", () => {
      this.#gone.add(newcomer);
      this.#goOnSoon();
    });
    raw.once("close", () => this.#forget(newcomer));
    raw.resume();
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** Turns everybody away. */
  close(): void {
    const all = [...this.#silent, ...this.#ready, ...this.#active.values()];
    for (const { raw } of all) raw.destroy();
    this.#silent.clear();
    this.#ready.clear();
    this.#gone.clear();
    this.#active.clear();
    this.#rest();
  }

  /** Those who say nothing make room for those who may. */
  #makeRoom(): boolean {
    const isFull = this.count >= this.#host.room();
    if (!isFull && this.#silent.size < this.#limits.silentMax) return true;
    for (const oldest of this.#silent) {
      this.#drop(oldest, "others came");
      return true;
    }
    return false;
  }

  #received(newcomer: Newcomer, bytes: Uint8Array): void {
    if (!this.#silent.has(newcomer)) return;
    const { hello } = newcomer;
    const grown = new Uint8Array(hello.length + bytes.length);
    grown.set(hello);
    grown.set(bytes, hello.length);
    newcomer.hello = grown;
    const state = helloState(grown);
    if (state === "alien") this.#drop(newcomer, "wrong version number");
    if (state !== "complete") return;
    newcomer.raw.pause();
    newcomer.raw.removeAllListeners("data");
    this.#silent.delete(newcomer);
    this.#ready.add(newcomer);
    this.#goOnSoon();
  }

  #goOnSoon(): void {
    afterLook(this.#goOn);
  }

  /** A slice of what there is to do. */
  readonly #goOn = (): void => {
    for (const newcomer of this.#gone) {
      if (!this.#clock.isWithin(SLICE_MS)) break;
      this.#drop(newcomer, "it hung up");
    }
    for (let i = 0; i < STARTS_A_TURN; i++) {
      const [next] = this.#ready;
      if (next === undefined || this.#active.size >= this.#limits.activeMax) {
        break;
      }
      this.#ready.delete(next);
      if (!this.#gone.has(next)) this.#start(next);
    }
    const mayStart = this.#ready.size > 0 &&
      this.#active.size < this.#limits.activeMax;
    if (this.#gone.size > 0 || mayStart) this.#goOnSoon();
  };

  #start(newcomer: Newcomer): void {
    const { raw, hello } = newcomer;
    newcomer.sinceMs = Date.now();
    newcomer.hello = new Uint8Array(0);
    if (this.#context === null) return this.#drop(newcomer, "TLS is off");
    this.#active.set(newcomer.name, newcomer);
    raw.removeAllListeners("end");
    raw.unshift(hello);
    this.#context.begin(raw);
  }

  #secured(socket: TLSSocket): void {
    const newcomer = this.#leave(nameOf(socket));
    if (newcomer === undefined) return void socket.destroy();
    this.#host.secured(socket);
  }

  #failed(socket: Socket, reason: string): void {
    const newcomer = this.#leave(nameOf(socket));
    socket.destroy();
    if (newcomer === undefined) return;
    newcomer.raw.destroy();
    this.#host.failed(newcomer.address, reason);
  }

  #leave(name: string): Newcomer | undefined {
    const newcomer = this.#active.get(name);
    this.#active.delete(name);
    if (this.#ready.size > 0) this.#goOnSoon();
    return newcomer;
  }

  /** Disconnects it, wherever it stands. */
  #drop(newcomer: Newcomer, reason: string): void {
    this.#forget(newcomer);
    newcomer.raw.destroy();
    this.#host.failed(newcomer.address, reason);
  }

  #forget(newcomer: Newcomer): void {
    this.#silent.delete(newcomer);
    this.#ready.delete(newcomer);
    this.#gone.delete(newcomer);
    const { name } = newcomer;
    if (this.#active.get(name) === newcomer) this.#leave(name);
  }

  #sweep(): void {
    const { deadlineMs, patienceMs } = this.#limits;
    const now = Date.now();
    for (const newcomer of this.#silent) {
      if (now - newcomer.sinceMs <= deadlineMs) break;
      this.#drop(newcomer, "it took too long");
    }
    const areWaiting = this.#ready.size > 0;
    const limitMs = areWaiting ? patienceMs : deadlineMs;
    for (const newcomer of this.#active.values()) {
      if (now - newcomer.sinceMs <= limitMs) break;
      this.#drop(newcomer, "it took too long");
    }
    if (areWaiting) this.#goOnSoon();
    if (this.count === 0) this.#rest();
  }

  #rest(): void {
    forgetLook(this.#goOn);
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

function nameOf(socket: Socket): string {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
