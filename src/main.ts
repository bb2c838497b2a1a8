/**
 * The command line around one server:
 *
 *     deno run --allow-net --allow-read --allow-write src/main.ts \
 *       [file | -] [--directive value ...]
 */
import { run } from "./server/run.ts";

if (import.meta.main) Deno.exit(await run(Deno.args));
