/**
 * Abuses a server in a process of its own, so that the meter does not feel it:
 * `abuser.ts <name> <target as JSON>`. Goes on until its input ends, and prints
 * how many came further than they should.
 */
import { ABUSES, type Target } from "./abuses.ts";

const [name, target] = Deno.args;
const abuse = ABUSES.find((one) => one.name === name)!;
const over = new AbortController();
Deno.stdin.readable.pipeTo(new WritableStream()).then(() => over.abort());
console.log(await abuse.run(JSON.parse(target) as Target, over.signal));
Deno.exit();
