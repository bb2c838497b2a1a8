/**
 * A few kills of each kind; `deno task faults` does it as often as one likes.
 * What the histories are found to be is proven by history.test.ts.
 */
import { assert } from "@std/assert";
import { startKeysaur } from "../support/server.ts";
import { crashRounds, DURABILITIES } from "./crash.ts";

for (const { name, ...kind } of DURABILITIES) {
  Deno.test(`what was promised survives kill -9: ${name}`, async () => {
    const { acknowledged, finished } = await crashRounds({
      ...kind,
      start: startKeysaur,
      rounds: 2,
      seed: 3,
      maxRunMs: 400,
      clients: 2,
      stillKeys: 2000,
    });
    assert(acknowledged > 0);
    // Else what shall disturb the writing has not been there.
    if (kind.during) assert(finished > 0, "nothing has ended in time");
  });
}
