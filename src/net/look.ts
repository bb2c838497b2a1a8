/**
 * A look at what has come in.
 *
 * The runtime goes on with what it knows of before it asks the system what else
 * there is: as long as every turn of its loop has sent or accepted something,
 * or a timer was due meanwhile, up to 61 turns. Whoever has work for many turns
 * must therefore wait for such a look between two slices of it, or nobody else
 * is heard for that long.
 *
 * One sees that the runtime has looked by a byte that we have sent to ourselves:
 * it is found with all the rest. Where we cannot have such a connection, a timer
 * has to do.
 */
import { setImmediate } from "node:timers";

const HOST = "127.0.0.1";
const BYTE = new Uint8Array(1);

/** Who waits for the next look. */
let waiting = new Set<() => void>();
/** Whether there will be a look. */
let isAsked = false;
let probe: Probe | null = null;
let opening: Promise<Probe | null> = Promise.resolve(null);
/** How many have opened it and not closed it. */
let userCount = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Calls back once the runtime has looked what has come in, and that has been
 * read. To ask again before that is to ask once.
 */
export function afterLook(then: () => void): void {
  waiting.add(then);
  if (isAsked) return;
  isAsked = true;
  if (probe !== null) probe.send();
  else expectTimer();
}

/** It is not called back any more. */
export function forgetLook(then: () => void): void {
  waiting.delete(then);
  if (waiting.size > 0 || timer === undefined) return;
  clearTimeout(timer);
  timer = undefined;
  isAsked = false;
}

/** How long has been worked since the first time that this was asked. */
export class LookClock {
  #startedMs = 0;
  #isOver = false;
  readonly #turnEnded = () => {
    if (!this.#isOver) this.#startedMs = 0;
  };
  readonly #looked = () => {
    this.#isOver = false;
    this.#startedMs = 0;
  };

  /**
   * It begins anew with every turn of the loop, but when time is over, only
   * after a look.
   */
  isWithin(maxMs: number): boolean {
    if (this.#isOver) return false;
    const now = performance.now();
    if (this.#startedMs === 0) {
      this.#startedMs = now;
      setImmediate(this.#turnEnded);
    }
    if (now - this.#startedMs < maxMs) return true;
    this.#isOver = true;
    afterLook(this.#looked);
    return false;
  }
}

/**
 * Lets looks be seen by a connection, until what is returned has been called by
 * all who have opened it; that resolves when it is closed.
 */
export function openLooks(): () => Promise<void> {
  if (userCount++ === 0) opening = Probe.open().catch(() => null);
  const opened = opening;
  opened.then((one) => {
    if (opened === opening && userCount > 0) probe = one;
  });
  return async () => {
    if (--userCount > 0) return;
    giveUp();
    await (await opened)?.close();
  };
}

/** From now on timers have to do. */
function giveUp(): void {
  probe = null;
  if (waiting.size > 0) expectTimer();
  else isAsked = false;
}

function expectTimer(): void {
  clearTimeout(timer);
  timer = setTimeout(looked, 0);
}

/**
 * What has come in besides is read in this turn of the loop, and its replies go
 * out at the end of it.
 */
function looked(): void {
  timer = undefined;
  setImmediate(() => setImmediate(callBack));
}

function callBack(): void {
  const called = waiting;
  waiting = new Set();
  isAsked = false;
  for (const then of called) then();
}

/** Both ends of one connection. */
class Probe {
  readonly #near: Deno.TcpConn;
  readonly #far: Deno.TcpConn;
  readonly #ended: Promise<void>;

  private constructor(near: Deno.TcpConn, far: Deno.TcpConn) {
    this.#near = near;
    this.#far = far;
    this.#ended = this.#listen();
  }

  static async open(): Promise<Probe | null> {
    using listener = Deno.listen({ hostname: HOST, port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const near = await Deno.connect({ hostname: HOST, port });
    const far = await listener.accept();
    const isOurs = (far.remoteAddr as Deno.NetAddr).port ===
      (near.localAddr as Deno.NetAddr).port;
    if (isOurs) {
      near.setNoDelay();
      return new Probe(near, far);
    }
    near.close();
    far.close();
    return null;
  }

  send(): void {
    this.#near.write(BYTE).catch(() => {});
  }

  async close(): Promise<void> {
    this.#near.close();
    this.#far.close();
    await this.#ended;
  }

  async #listen(): Promise<void> {
    const bytes = new Uint8Array(16);
    try {
      while (await this.#far.read(bytes) !== null) looked();
    } catch {
      // It was closed.
    }
    if (probe === this) giveUp();
  }
}
