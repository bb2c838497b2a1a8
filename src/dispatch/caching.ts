/** What becomes of a command of a client who caches what it reads. */
import type { Call, TrackingFace } from "../commands/call.ts";
import type { Command } from "../commands/define/command.ts";
import { PUBSUB, READONLY } from "../commands/define/flags.ts";
import { keysOf } from "../commands/define/keys.ts";
import type { ClientSession } from "./session.ts";

/** The client has read the keys of a command, whatever it replied. */
export function rememberRead(
  tracking: TrackingFace,
  session: ClientSession,
  command: Command,
  call: Call,
): void {
  const { flagBits } = command;
  if (!(flagBits & READONLY) || flagBits & PUBSUB) return;
  tracking.remember(session, keysOf(command, call).map(({ index }) => index));
}

/** What CLIENT CACHING says holds for one command, or for a transaction. */
export function endChoice({ tracking, transaction }: ClientSession): void {
  if (tracking !== null && transaction === null) tracking.isChosen = false;
}
