import type { Dump } from "../../keyspace/dump.ts";
import {
  migrateNotConnected,
  migrateNotRead,
  migrateNotWritten,
  type ReplyError,
  targetReplied,
} from "../../protocol/errors.ts";
import type { Call, LaterEnd, Target, TargetsFace } from "../call.ts";
import { Gathered } from "./gathered.ts";

/** What MIGRATE was told. */
export interface MigrationPlan {
  readonly targets: TargetsFace;
  readonly host: string;
  readonly port: number;
  /** How long any step of the conversation may take. */
  readonly timeoutMs: number;
  readonly database: number;
  readonly copies: boolean;
  readonly replaces: boolean;
  /** The words behind AUTH, none to do without. */
  readonly auth: readonly Uint8Array[];
}

/** One key on its way. */
interface Parcel {
  readonly key: Uint8Array;
  /** Null when the key has gone here, so that it has to go there too. */
  readonly dump: Dump | null;
  /** The due time in ms, -1 without one. */
  readonly due: number;
  /** Whether the target has the key from an earlier round. */
  readonly isAgain: boolean;
}

/** A key that is to be sent, and whether for the first time. */
interface Waiting {
  readonly key: Uint8Array;
  readonly isAgain: boolean;
}

/** What a round came to. */
interface Outcome {
  /** So many of the first parcels were answered; without an error: `arrived`. */
  readonly answered: number;
  readonly arrived: readonly boolean[];
  readonly failure: ReplyError | null;
  /** By which the target knows us, empty when it never did. */
  readonly localAddress: string;
  /** Nothing was answered, and a new connection may do better. */
  readonly mayRetry: boolean;
}

/** A round sends no more than about so many bytes, or so many keys. */
const ROUND_BYTES = 2 ** 20;
const ROUND_KEYS = 256;
/** A key that changes all the time is given up after so many attempts. */
const ROUNDS_AGAIN_MAX = 200;

/**
 * The work of a MIGRATE. Other clients go on while it waits for the target, in
 * rounds: some keys are dumped and sent; when the target has confirmed them, a
 * key that is still what was sent is deleted here, in the same moment in which
 * that was found out. One that has changed meanwhile is sent again, one that
 * has gone is deleted there. So at no time is a change lost, and a dump needs
 * memory only for its round.
 */
export class Migration {
  readonly #plan: MigrationPlan;
  #waiting: Waiting[];
  /** The first error that the target replied with. */
  #refusal: ReplyError | null = null;
  #mayRetry = true;
  #againCount = 0;

  constructor(plan: MigrationPlan, keys: readonly Uint8Array[]) {
    this.#plan = plan;
    this.#waiting = keys.map((key) => ({ key, isAgain: false }));
  }

  /** Begins the next round, or replies when there is nothing left to do. */
  goOn(call: Call): void {
    const parcels = this.#pack(call);
    const { now } = call;
    if (parcels.length > 0) {
      call.later(() => this.#deliver(parcels, now));
    } else if (this.#refusal) this.#fail(call, this.#refusal);
    else call.reply.ok();
  }

  /** What this call has stated stays; the error comes after it. */
  #fail(call: Call, error: ReplyError): void {
    call.later(() => () => {
      throw error;
    });
  }

  /** Dumps the keys of a round. */
  #pack(call: Call): Parcel[] {
    const parcels: Parcel[] = [];
    let byteCount = 0;
    try {
      while (
        this.#waiting.length > 0 && byteCount < ROUND_BYTES &&
        parcels.length < ROUND_KEYS
      ) {
        const [{ key, isAgain }] = this.#waiting;
        const name = call.push(key);
        const due = call.db.peekDue(name);
        const dump = call.db.dump(name);
        this.#waiting.shift();
        if (!dump && !isAgain) continue;
        parcels.push({ key, dump, due, isAgain });
        byteCount += dump?.byteCount ?? 0;
      }
    } catch (error) {
      for (const { dump } of parcels) dump?.free();
      throw error;
    }
    return parcels;
  }

  async #deliver(parcels: readonly Parcel[], nowMs: number): Promise<LaterEnd> {
    const { targets, host, port, timeoutMs } = this.#plan;
    let outcome: Outcome;
    try {
      const target = await targets.acquire(host, port, timeoutMs);
      outcome = await this.#converse(target, parcels, nowMs);
    } catch {
      outcome = {
        ...{ answered: 0, arrived: [], localAddress: "", mayRetry: false },
        failure: migrateNotConnected,
      };
    } finally {
      for (const { dump } of parcels) dump?.free();
    }
    return (call) => this.#settle(call, parcels, outcome);
  }

  /** Sends a round and reads what the target says to it. Throws nothing. */
  async #converse(
    target: Target,
    parcels: readonly Parcel[],
    nowMs: number,
  ): Promise<Outcome> {
    const { targets, database, auth } = this.#plan;
    const selects = target.database !== database;
    const arrived: boolean[] = [];
    let failure = migrateNotWritten;
    try {
      await this.#send(target, parcels, selects, nowMs);
      failure = migrateNotRead;
      const greetings = (auth.length > 0 ? 1 : 0) + (selects ? 1 : 0);
      let refused = "";
      for (let i = 0; i < greetings; i++) {
        const line = await target.readLine();
        if (line.startsWith("-") && refused === "") refused = line;
      }
      while (arrived.length < parcels.length) {
        const line = await target.readLine();
        const problem = refused || (line.startsWith("-") ? line : "");
        if (problem) this.#refusal ??= targetReplied(problem.slice(1));
        arrived.push(problem === "");
      }
      target.database = arrived.every((is) => is) ? database : -1;
      targets.release(target);
      return outcomeOf(target, arrived, null, false);
    } catch {
      targets.discard(target);
      const mayRetry = !target.timedOut && arrived.length === 0;
      return outcomeOf(target, arrived, failure, mayRetry);
    }
  }

  async #send(
    target: Target,
    parcels: readonly Parcel[],
    selects: boolean,
    nowMs: number,
  ): Promise<void> {
    const { database, auth, replaces } = this.#plan;
    const out = new Gathered((bytes) => target.send(bytes));
    if (auth.length > 0) await out.command("AUTH", ...auth);
    if (selects) await out.command("SELECT", String(database));
    for (const { key, dump, due, isAgain } of parcels) {
      if (!dump) {
        await out.command("DEL", key);
        continue;
      }
      const ttlMs = due < 0 ? 0 : Math.max(1, due - nowMs);
      const options = replaces || isAgain ? ["REPLACE"] : [];
      await out.begin(4 + options.length);
      for (const word of ["RESTORE", key, String(ttlMs)]) await out.word(word);
      await out.wordOf(dump.byteCount, () => dump.take());
      for (const word of options) await out.word(word);
    }
    await out.flush();
  }

  /** What a round came to is made true here. */
  #settle(
    call: Call,
    parcels: readonly Parcel[],
    { answered, arrived, failure, localAddress, mayRetry }: Outcome,
  ): void {
    const kept = parcels.slice(answered);
    if (failure && mayRetry && this.#mayRetry) {
      this.#mayRetry = false;
      this.#waiting.unshift(...kept);
      return this.goOn(call);
    }
    const sent = parcels.filter((_, i) => arrived[i]);
    if (this.#isHere(call, localAddress)) this.#fail(call, migrateNotRead);
    else this.#conclude(call, sent, failure);
  }

  /** Whether the target is this very database: a key would delete itself. */
  #isHere(call: Call, localAddress: string): boolean {
    if (this.#plan.database !== call.db.index) return false;
    for (const { address } of call.server.sessions()) {
      if (address === localAddress) return true;
    }
    return false;
  }

  #conclude(
    call: Call,
    sent: readonly Parcel[],
    failure: ReplyError | null,
  ): void {
    const again = this.#plan.copies ? [] : this.#confirm(call, sent);
    if (failure) return this.#fail(call, failure);
    if (again.length > 0 && ++this.#againCount > ROUNDS_AGAIN_MAX) {
      return this.#fail(call, migrateNotWritten);
    }
    this.#waiting.unshift(...again);
    // In a call of its own: this one has changed data and must not fail.
    call.later(() => (next) => this.goOn(next));
  }

  /**
   * Deletes the keys that are what was sent; returns the others. Nothing is
   * deleted before all have been looked at, which may find no memory.
   */
  #confirm(call: Call, sent: readonly Parcel[]): Waiting[] {
    const done: number[] = [];
    const again: Waiting[] = [];
    for (const { key, dump, due } of sent) {
      // It has gone from there too; what is here now came after it.
      if (!dump) continue;
      const name = call.push(key);
      const isSame = call.db.isAsDumped(name, dump);
      if (isSame && call.db.peekDue(name) === due) done.push(name);
      else again.push({ key, isAgain: true });
    }
    for (const name of done) {
      call.db.delete(name);
      call.changed(name, "del");
    }
    if (done.length > 0) {
      call.propagate(["DEL", ...done.map((name) => call.bytes(name))]);
    }
    return again;
  }
}

function outcomeOf(
  { localAddress }: Target,
  arrived: readonly boolean[],
  failure: ReplyError | null,
  mayRetry: boolean,
): Outcome {
  const answered = arrived.length;
  return { answered, arrived, failure, localAddress, mayRetry };
}
