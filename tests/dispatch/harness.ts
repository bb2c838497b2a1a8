/** A server without sockets: sessions whose transports keep what is written. */
import { ClientSession, type Transport } from "../../src/dispatch/session.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { Config, type GivenValues } from "../../src/server/config/config.ts";
import { clientsHost } from "../../src/server/hosts.ts";
import { Log } from "../../src/server/log.ts";
import { Server } from "../../src/server/server.ts";
import { encodeCommands, type Word } from "../support/client.ts";
import { latin1 } from "../support/reply.ts";

/** Keeps what a session writes, as a socket that takes everything would. */
class FakeTransport implements Transport {
  readonly address = "127.0.0.1:1";
  readonly localAddress = "127.0.0.1:2";
  readonly isLocal = true;
  readonly isUnix = false;
  /** A test sets it to play a client that does not read. */
  pendingBytes = 0;
  outputPieces = 0;
  /** What it was told to wait for. */
  heldUntil: Promise<void> | undefined;
  ended = false;
  destroyed = false;
  #written: Uint8Array[] = [];

  get outputBytes(): number {
    return this.pendingBytes;
  }

  write(bytes: Uint8Array): void {
    if (!this.ended && !this.destroyed) this.#written.push(bytes);
  }

  push(bytes: Uint8Array): void {
    this.write(bytes);
  }

  writeAll(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.write(piece);
  }

  holdUntil(ready: Promise<void>): void {
    this.heldUntil = ready;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
  }

  /** What has been written since the last take. */
  take(): string {
    return this.#takeAll().map(latin1).join("");
  }

  /** The same when only its length matters. */
  takeLength(): number {
    return this.#takeAll().reduce((sum, { length }) => sum + length, 0);
  }

  #takeAll(): Uint8Array[] {
    const written = this.#written;
    this.#written = [];
    return written;
  }
}

/** A server that is never started, for what happens below the sockets. */
export class Bench {
  readonly server: Server;
  readonly logged: string[] = [];
  #nextId = 1;

  constructor(values: GivenValues = {}, engine?: Engine) {
    this.server = new Server(Config.from({ save: "", ...values }), {
      log: new Log((line) => void this.logged.push(line)),
      engine,
    });
  }

  connect(): BenchClient {
    const host = clientsHost(this.server);
    const transport = new FakeTransport();
    const session = new ClientSession(this.#nextId++, transport, host, 0);
    return new BenchClient(this.server, session, transport);
  }

  /** Throws when a structure of the engine has come apart. */
  verify(): void {
    const { calls } = this.server.engine;
    const broken = calls.verifyAllocator();
    if (broken !== 0) throw new Error(`allocator invariant ${broken}`);
    const chains = calls.verifyWatchers() || calls.verifyTracked() ||
      calls.verifyWaits();
    if (chains !== 0) throw new Error(`invariant ${chains} of key chains`);
    for (const db of this.server.keyspace) {
      const code = calls.verifyDatabase(db.handle);
      if (code !== 0) throw new Error(`database invariant ${code}`);
    }
  }
}

export class BenchClient {
  constructor(
    readonly server: Server,
    readonly session: ClientSession,
    readonly transport: FakeTransport,
  ) {}

  /** Sends bytes in one piece and gives what came back, in latin1. */
  send(bytes: Uint8Array | string): string {
    this.sendFirst(bytes);
    while (this.session.mayGoOn) this.goOn();
    return this.transport.take();
  }

  /** The same, but only for one turn. */
  sendFirst(bytes: Uint8Array | string): void {
    const chunk = typeof bytes === "string" ? bytesOf(bytes) : bytes;
    const { dispatcher } = this.server;
    if (!this.session.closing) dispatcher.receive(this.session, chunk);
  }

  /**
   * The same, as bytes come in from a socket: they may wait for those of others
   * and for the end of the loop's turn.
   */
  offer(bytes: Uint8Array): void {
    if (this.session.closing) return;
    const { dispatcher } = this.server;
    if (!dispatcher.gather(this.session, bytes)) {
      dispatcher.receive(this.session, bytes);
    }
  }

  /** Bytes come in, and the loop's turn ends. */
  sendGathered(bytes: Uint8Array): string {
    this.offer(bytes);
    this.server.dispatcher.executeGathered();
    while (this.session.mayGoOn) this.goOn();
    return this.transport.take();
  }

  /** Another turn for what was sent before. */
  goOn(): void {
    this.server.dispatcher.resume(this.session);
  }

  call(...words: Word[]): string {
    return this.send(encodeCommands([words]));
  }

  /** What it has got without asking, up to now. */
  heard(): string {
    this.server.pubsub.handOver();
    return this.transport.take();
  }

  leave(): void {
    this.server.dispatcher.forget(this.session);
  }
}

/** The bytes of a text, one for each character. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
