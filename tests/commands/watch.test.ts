/** Which watched keys a command disturbs: the same as with redis-server. */
import { assertEquals } from "@std/assert";
import { allCommands } from "../../src/commands/index.ts";
import { WRITE } from "../../src/commands/define/flags.ts";
import { Bench } from "../dispatch/harness.ts";
import { type Client, connect } from "../support/client.ts";
import { realRedis, startRedis } from "../support/real.ts";
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

const split = (line: string) =>
  line.split(" ").map((word) => word === "''" ? "" : word);

/** What is asked of a server: each line's keys that an EXEC then misses. */
interface Asked {
  name: string;
  /** Runs lines as a client, and tells the last reply's first character. */
  run(client: string, lines: string[]): Promise<string>;
}

async function disturbed(
  asked: Asked,
  setup: string[],
  line: string,
): Promise<string> {
  await asked.run("writer", [...START, ...setup, "SELECT 0"]);
  for (const watched of WATCHED) {
    const [database, key] = watched.split(" ");
    await asked.run(watched, [`SELECT ${database}`, `WATCH ${key}`]);
  }
  await asked.run("writer", [line]);
  const missed: string[] = [];
  for (const watched of WATCHED) {
    const reply = await asked.run(watched, ["MULTI", "PING", "EXEC"]);
    if (reply === "*-1") missed.push(watched);
  }
  return missed.join(", ");
}

function bench(isHot: boolean): Asked {
  const server = new Bench({ "enable-debug-command": "yes" });
  const clients = new Map<string, ReturnType<Bench["connect"]>>();
  return {
    name: isHot ? "the engine" : "the handlers",
    run(name, lines) {
      const client = clients.get(name) ?? server.connect();
      clients.set(name, client);
      client.session.noTouch = !isHot;
      let reply = "";
      for (const line of lines) reply = client.call(...split(line));
      assertEquals(server.server.engine.calls.verifyWatchers(), 0);
      return Promise.resolve(reply.split("\r\n")[0]);
    },
  };
}

function real(port: number): Asked & Disposable {
  const clients = new Map<string, Client>();
  return {
    name: "redis-server",
    async run(name, lines) {
      const client = clients.get(name) ?? await connect(port);
      clients.set(name, client);
      const replies = await client.pipeline(lines.map(split));
      return replies.at(-1) === null ? "*-1" : "";
    },
    [Symbol.dispose]() {
      for (const client of clients.values()) client.close();
    },
  };
}

Deno.test({
  name: "every command disturbs the watched keys that it changes, as Redis",
  ignore: !realRedis(),
  async fn() {
    await using server = await startRedis(["--enable-debug-command", "yes"]);
    using redis = real(server.port);
    const ours = [bench(true), bench(false)];
    const differences: string[] = [];
    for (const [setup, lines] of DISTURBING) {
      for (const line of lines) {
        const expected = await disturbed(redis, setup, line);
        for (const one of ours) {
          const missed = await disturbed(one, setup, line);
          if (missed === expected) continue;
          differences.push(
            `${line} by ${one.name}: ${missed}; not ${expected}`,
          );
        }
      }
    }
    assertEquals(differences, []);
  },
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
