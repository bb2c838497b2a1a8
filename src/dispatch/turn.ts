import type { Engine } from "../engine/engine.ts";
import type { Reply } from "../protocol/reply.ts";
import type { Clock } from "./clock.ts";
import type { ClientSession, InputUse } from "./session.ts";
import { Withheld } from "./withheld.ts";

/** A client's turn ends when it has made so many bytes of replies, ... */
const TURN_BYTES = 2 ** 20;
/** ... or when its commands have taken so long. */
const TURN_MS = 2;
/** Who has not proved who he is gets less: guessing may cost others nothing. */
const STRANGER_TURN_MS = 0.5;
/** Large replies are handed over when so much of them has gathered. */
const SPILL_BYTES = 2 ** 18;

/**
 * Whose turn it is: what has come in for it, and what goes out. Replies of a
 * turn gather in the engine; they are handed to the connection when it ends, or
 * when they have become large.
 */
export class Turn {
  /** Bytes of the session that no command has used when its turn began. */
  receivedBytes = 0;
  readonly withheld = new Withheld();
  #session: ClientSession | null = null;
  #sentBytes = 0;
  #maxMs = TURN_MS;
  /** How long commands have taken that the engine does not execute. */
  spentMs = 0;

  constructor(
    readonly engine: Engine,
    readonly reply: Reply,
    readonly clock: Clock,
    readonly warn: (text: string) => void,
  ) {}

  /** Whose turn it is, if it is anybody's. */
  get current(): ClientSession | null {
    return this.#session;
  }

  begin(session: ClientSession): void {
    this.clock.advance();
    this.reply.resp = session.resp;
    this.receivedBytes = this.inputUse(session).bytes;
    this.#sentBytes = 0;
    this.spentMs = 0;
    this.#maxMs = session.authenticated ? TURN_MS : STRANGER_TURN_MS;
    this.#session = session;
    session.beginTurn();
  }

  /** Hands over what is left to be sent. */
  end(session: ClientSession): void {
    this.takeMessages(session);
    session.endTurn();
    this.flush(session);
    this.#session = null;
    if (this.withheld.hasAny) this.withheld.release(session);
  }

  /** Whether it is this one's turn. */
  isOf(session: ClientSession): boolean {
    return session === this.#session;
  }

  /** Whether it has had its share, and others come first. */
  get isOver(): boolean {
    return this.spentMs > this.#maxMs || this.#sentBytes > TURN_BYTES;
  }

  /** Whether large replies have gathered. */
  get hasSpilled(): boolean {
    const most = Math.min(SPILL_BYTES, this.withheld.maxBytes);
    return this.reply.spilledBytes > most;
  }

  /** What its current command replies is sent only after something else. */
  holdReplies(until: Promise<void>): void {
    this.#session?.transport.holdUntil(until);
  }

  /**
   * Bytes that a session has sent and no command has used. During its turn they
   * are all that have come in for it.
   */
  inputUse(session: ClientSession): InputUse {
    const isCurrent = session === this.#session;
    const { input } = session;
    if (input === 0) {
      return { bytes: isCurrent ? this.receivedBytes : 0, free: 0, parsed: 0 };
    }
    const { calls } = this.engine;
    const held = calls.inputBytes(input) >>> 0;
    const capacity = calls.inputCapacity(input) >>> 0;
    const free = Math.max(0, capacity - held);
    if (isCurrent) return { bytes: this.receivedBytes, free, parsed: 0 };
    const coming = calls.inputArgumentBytes(input) >>> 0;
    return { bytes: held, free, parsed: coming > 0 ? held - coming : 0 };
  }

  /** What was published to the session itself follows its reply. */
  takeMessages(session: ClientSession): void {
    for (const message of session.takeMessages()) this.reply.message(message);
  }

  /** Hands the replies made so far to the connection. */
  flush(session: ClientSession): void {
    const out = this.reply.takeOne();
    if (out === null) this.breakOff(session);
    else if (this.isOf(session) && this.withheld.holds(session)) {
      this.#withhold(session, out);
    } else if (!(out instanceof Uint8Array)) {
      for (const part of out) this.#sentBytes += part.length;
      session.transport.writeAll(out);
    } else if (out.length > 0) {
      this.#sentBytes += out.length;
      session.transport.write(out);
    }
  }

  #withhold(session: ClientSession, out: Uint8Array | Uint8Array[]): void {
    const pieces = out instanceof Uint8Array ? [out] : out;
    for (const piece of pieces) this.#sentBytes += piece.length;
    this.withheld.add(session, pieces);
  }

  /** A reply was dropped: nothing that is sent now could be understood. */
  breakOff(session: ClientSession): void {
    this.warn(`No memory for a reply to client ${session.id}`);
    session.kill();
  }
}
