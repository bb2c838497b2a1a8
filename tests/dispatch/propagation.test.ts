/**
 * What observers are told must be enough to make the same data elsewhere: the
 * commands that each change names are executed on a second server.
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import type { Change } from "../../src/dispatch/commit.ts";
import { Random } from "../support/random.ts";
import { latin1 } from "../support/reply.ts";
import { Bench } from "./harness.ts";
import { anyStream, randomPieces } from "./streams.ts";

const SEED = 5150;
const STREAMS = 60;

/** Executes on a bench whatever it is told of. */
function follower(bench: Bench): (change: Change) => void {
  const client = bench.connect();
  return ({ database, commands }) => {
    assertEquals(client.call("SELECT", database), "+OK\r\n");
    for (const words of commands) {
      const reply = client.call(...words);
      const text = words.map(latin1).join(" ").slice(0, 200);
      assertNotEquals(reply[0], "-", `${text} gives ${reply}`);
    }
  };
}

Deno.test("a server that follows the changes of random streams has the same data", () => {
  const leader = new Bench();
  const copy = new Bench();
  const follow = follower(copy);
  let changes: Change[] = [];
  leader.server.dispatcher.commit.observe((change) => changes.push(change));
  for (let seed = SEED; seed < SEED + STREAMS; seed++) {
    const random = new Random(seed);
    const client = leader.connect();
    const before = leader.server.engine.calls.statChanges();
    for (const piece of randomPieces(random)(anyStream(random))) {
      client.send(piece);
    }
    client.leave();
    const changeCount = leader.server.engine.calls.statChanges() - before;
    for (const change of changes) follow(change);
    assertEquals(
      copy.server.keyspace.digest(),
      leader.server.keyspace.digest(),
      `seed ${seed}`,
    );
    // Nothing is told where nothing has changed.
    assertEquals(changes.length > 0, changeCount > 0, `seed ${seed}`);
    changes = [];
  }
});
