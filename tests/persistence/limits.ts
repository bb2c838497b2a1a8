/**
 * Servers that run into a full disk. A limit on the size of the files that a
 * process writes plays it: a write beyond it is cut short or fails, as on a
 * device without space, and the limit of a running process can be moved. It
 * needs no privileges; what it does need is Linux's `prlimit`.
 */
import { launch, type RunningServer } from "../support/launch.ts";
import { KEYSAUR_COMMAND } from "../support/server.ts";

/** Whether this machine has the means; says so when it has not. */
export function canLimitFiles(): boolean {
  try {
    const { success } = new Deno.Command("prlimit", {
      args: ["--version"],
      stdout: "null",
    }).outputSync();
    return success;
  } catch {
    console.log(
      "prlimit is not installed: the tests of a full disk do not run",
    );
    return false;
  }
}

/** Starts a server that a write beyond the limit does not kill. */
export function startLimited(
  args: readonly string[],
  options: { dir?: string; isRedis?: boolean } = {},
): Promise<RunningServer> {
  const [program, ...words] = options.isRedis
    ? ["redis-server"]
    : [Deno.execPath(), ...KEYSAUR_COMMAND];
  // An ignored signal stays ignored in the program that takes over.
  const script = `trap '' XFSZ; exec "$@"`;
  return launch("/bin/sh", (port, dir) => [
    ...["-c", script, "sh", program, ...words],
    ...["--port", String(port), "--dir", dir, "--save", "", ...args],
  ], { dir: options.dir });
}

/** From now on no file of the process may be larger; Infinity for no limit. */
export async function limitFiles(pid: number, byteCount: number) {
  const limit = byteCount === Infinity ? "unlimited" : String(byteCount);
  const { success, stderr } = await new Deno.Command("prlimit", {
    args: ["--pid", String(pid), `--fsize=${limit}:`],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
