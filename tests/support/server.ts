import { launch, type LaunchOptions, type RunningServer } from "./launch.ts";

export type { RunningServer } from "./launch.ts";

const MAIN = new URL("../../src/main.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** What `deno run` needs to start Keysaur as its users do. */
export const KEYSAUR_COMMAND = [
  "run",
  `--config=${CONFIG}`,
  "--allow-net",
  "--allow-read",
  "--allow-write",
  MAIN,
];

/**
 * Starts Keysaur in a process of its own, without persistence, with further
 * command line words after that.
 */
export function startKeysaur(
  args: readonly string[] = [],
  options: LaunchOptions = {},
): Promise<RunningServer> {
  return launch(Deno.execPath(), (port, dir) => [
    ...KEYSAUR_COMMAND,
    ...["--port", String(port), "--dir", dir, "--save", ""],
    ...args,
  ], options);
}
