import {
  pauseMode,
  subcommandSyntax,
  timeoutNegative,
  timeoutNotAnInteger,
  timeoutOutOfRange,
} from "../../protocol/errors.ts";
import type { Call, PauseLevel } from "../call.ts";

/** CLIENT PAUSE: from now on, in ms, and for all commands unless said. */
export function pauseClients(call: Call): void {
  if (call.argc > 4) throw subcommandSyntax("CLIENT", call.latin1(1));
  const level = pauseLevel(call);
  call.server.pause.begin(level, endMs(call));
  call.reply.ok();
}

function pauseLevel(call: Call): PauseLevel {
  if (call.argc === 3 || call.is(3, "ALL")) return "all";
  if (call.is(3, "WRITE")) return "write";
  throw pauseMode;
}

function endMs(call: Call): number {
  const timeoutMs = call.integerIn(
    2,
    -Infinity,
    Infinity,
    timeoutNotAnInteger,
  );
  if (timeoutMs < 0) throw timeoutNegative;
  if (timeoutMs + call.now >= 2 ** 63) throw timeoutOutOfRange;
  return timeoutMs === 0 ? 0 : call.now + timeoutMs;
}
