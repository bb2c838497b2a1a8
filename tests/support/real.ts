/**
 * The real Redis programs, where the machine has them. A test that needs one
 * says `ignore: !realRedis()`; the gate does not let that pass in CI.
 */
import { launch, type LaunchOptions, type RunningServer } from "./launch.ts";

const versions = new Map<string, string | undefined>();

/** The version of an installed program, or undefined after saying so. */
export function realRedis(program = "redis-server"): string | undefined {
  if (!versions.has(program)) versions.set(program, findVersion(program));
  return versions.get(program);
}

function findVersion(program: string): string | undefined {
  try {
    const { stdout } = new Deno.Command(program, {
      args: ["--version"],
      stderr: "null",
    }).outputSync();
    return new TextDecoder().decode(stdout).match(/\d+\.\d+\.\d+/)?.[0];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`${program} is not installed: its tests are skipped`);
    return undefined;
  }
}

/** Starts redis-server without persistence, with further words after that. */
export function startRedis(
  args: readonly string[] = [],
  options: LaunchOptions = {},
): Promise<RunningServer> {
  return launch("redis-server", (port, dir) => [
    ...["--port", String(port), "--dir", dir, "--bind", "127.0.0.1"],
    ...["--save", "", "--appendonly", "no"],
    ...args,
  ], options);
}
