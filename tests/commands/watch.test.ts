/** Which watched keys a command disturbs: the same as with redis-server. */
import { assertEquals } from "@std/assert";
import { allCommands } from "../../src/commands/index.ts";
import { WRITE } from "../../src/commands/define/flags.ts";
import { realRedis } from "../support/real.ts";
import { assertLikeRedis, type Question } from "./beside_redis.ts";
import { NEW_COMMANDS } from "./beyond_redis_7.ts";
import { DISTURBING } from "./watch_lines.ts";

/** Names and databases of what is watched. */
const WATCHED = ["0 a", "0 b", "0 c", "0 d", "1 a", "1 c"];
const START = ["FLUSHALL", "SELECT 0"];

/** Commands that write and have no line of their own here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "migrate": "needs another server; it deletes as DEL does",
  "restore": "below",
  "restore-asking": "below",
};

/** The keys that an EXEC misses after a line. */
const disturbed: Question = async (asked, setup, line) => {
  await asked.run("writer", [...START, ...setup, "SELECT 0"]);
  for (const watched of WATCHED) {
    const [database, key] = watched.split(" ");
    await asked.run(watched, [`SELECT ${database}`, `WATCH ${key}`]);
  }
  await asked.run("writer", [line]);
  const missed: string[] = [];
  for (const watched of WATCHED) {
    const replies = await asked.run(watched, ["MULTI", "PING", "EXEC"]);
    if (replies.at(-1)!.kind === "null") missed.push(watched);
  }
  return missed.join(", ");
};

Deno.test({
  name: "every command disturbs the watched keys that it changes, as Redis",
  ignore: !realRedis(),
  fn: () => assertLikeRedis(DISTURBING, disturbed),
});

Deno.test("every command that writes is among those tried", () => {
  const tried = new Set(
    DISTURBING.flatMap(([, lines]) =>
      lines.map((line) => line.split(" ")[0].toLowerCase())
    ),
  );
  const left = allCommands.filter(({ flagBits }) => flagBits & WRITE)
    .map(({ fullName }) => fullName)
    .filter((name) =>
      !tried.has(name) && !(name in NEW_COMMANDS) && !(name in ELSEWHERE)
    );
  assertEquals(left, []);
});
