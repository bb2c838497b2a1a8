import type { CurrentCall } from "./current_call.ts";
import type { ClientSession } from "./session.ts";
import type { Statistics } from "./statistics.ts";
import type { ServerFace } from "../commands/call.ts";
import type { Engine } from "../engine/engine.ts";
import { protocolErrorText, unknownCommand } from "../protocol/errors.ts";
import { endChoice } from "./caching.ts";

/** Names that an HTTP client sends first: somebody's browser is being used. */
const FOREIGN_PROTOCOL = /^(post|host:)$/;

/** What clients send that is no command, and what they get for it. */
export class Refusals {
  readonly #calls: Engine["calls"];
  readonly #call: CurrentCall;
  readonly #statistics: Statistics;
  readonly #log: ServerFace["log"];

  constructor(
    engine: Engine,
    call: CurrentCall,
    statistics: Statistics,
    log: ServerFace["log"],
  ) {
    this.#calls = engine.calls;
    this.#call = call;
    this.#statistics = statistics;
    this.#log = log;
  }

  /** There is no command of such a name. */
  unknown(session: ClientSession, now: number): void {
    const call = this.#call;
    session.beginCommand();
    call.begin(session, now);
    if (FOREIGN_PROTOCOL.test(call.word(0))) {
      this.#log(
        "warning",
        "Possible SECURITY ATTACK detected. It looks like somebody is " +
          "sending POST or Host: commands to Redis. This is likely due to " +
          "an attacker attempting to use Cross Protocol Scripting to " +
          `compromise your Redis instance. Connection from ` +
          `${session.address} aborted.`,
      );
      return session.kill();
    }
    const args: string[] = [];
    for (let i = 1, listed = 0; i < call.argc && listed < 128; i++) {
      args.push(call.latin1(i));
      listed += args[args.length - 1].length;
    }
    const { text } = unknownCommand(call.latin1(0), args);
    if (!session.isSilent) call.reply.error(text);
    this.#statistics.countError(text);
    if (session.transaction !== null) session.transaction.isBroken = true;
    endChoice(session);
  }

  /** What came is no command at all. */
  malformed(session: ClientSession): void {
    const code = this.#calls.protocolError();
    const text = protocolErrorText(code, this.#calls.errorByte());
    session.beginCommand();
    if (!session.isSilent) this.#call.reply.error(text);
    this.#statistics.countError(text);
    this.#log("verbose", `${text} from client: ${session.describe()}`);
    session.closing = true;
  }
}
