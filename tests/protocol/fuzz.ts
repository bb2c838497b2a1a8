/**
 * A long run of the protocol fuzzer.
 *
 *   deno run -A tests/protocol/fuzz.ts --frames 1000000 [--seed N] --spawn
 *   deno run -A tests/protocol/fuzz.ts --frames 1000000 [--seed N] --port P
 *
 * --spawn starts Keysaur; --port names any server, which is emptied.
 */

import { parseArgs } from "@std/cli";
import { startKeysaur } from "../support/server.ts";
import { fuzz } from "./fuzzer.ts";

const options = parseArgs(Deno.args, {
  boolean: ["spawn"],
  string: ["frames", "seed", "port"],
  default: { frames: "1000000", seed: "1" },
});
if (options.spawn === (options.port !== undefined)) {
  console.log("say either --spawn or --port P");
  Deno.exit(2);
}
await using keysaur = options.spawn ? await startKeysaur() : null;
const startedAt = performance.now();
const report = await fuzz({
  port: keysaur?.port ?? Number(options.port),
  frameCount: Number(options.frames),
  seed: Number(options.seed),
  onProgress: (frames) => console.log(`${frames} frames`),
});
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log({ seed: Number(options.seed), seconds, ...report });
Deno.exitCode = report.failures.length > 0 ? 1 : 0;
