import { command } from "../define/command.ts";

/** TIME: the server's clock, in seconds and the microseconds beyond. */
export const time = command({
  name: "TIME",
  group: "server",
  since: "2.6.0",
  summary: "Tells the time of the server's clock",
  complexity: "O(1)",
  flags: ["loading", "stale", "fast"],
  tips: ["nondeterministic_output"],
  run({ reply }) {
    const precise = performance.timeOrigin + performance.now();
    const microseconds = wallMicroseconds(Date.now(), precise);
    reply.array(2);
    reply.bulk(String(Math.floor(microseconds / 1e6)));
    reply.bulk(String(microseconds % 1e6));
  },
});

/** Two readings of one clock differ by what passes between them, in ms. */
const SLACK_MS = 2;

/**
 * Unix time in microseconds. The wall clock counts whole milliseconds; the
 * precise one counts on from the start of the process and misses it when the
 * wall clock is set. So the precise one is heard as long as both agree.
 */
export function wallMicroseconds(wallMs: number, preciseMs: number): number {
  const isSame = Math.abs(preciseMs - wallMs) < SLACK_MS;
  return Math.floor((isSame ? preciseMs : wallMs) * 1000);
}
