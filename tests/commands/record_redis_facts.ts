/**
 * Records what a real server tells about its commands, for the tests to
 * compare with: `deno run -A tests/commands/record_redis_facts.ts PORT`, with
 * a redis-server 7.2.4 listening there and redis-cli installed.
 *
 * Facts only: summaries, complexities, notes, advice and the texts of the
 * history are somebody's writing and stay out.
 */
import { FACTS_FILE, type RedisFacts } from "./redis_facts.ts";

type Json = { [name: string]: unknown };

async function ask(port: string, ...words: string[]): Promise<unknown> {
  const child = new Deno.Command("redis-cli", {
    args: ["-p", port, "-3", "--json", ...words],
  });
  const { success, stdout } = await child.output();
  if (!success) throw new Error(`redis-cli ${words.join(" ")} failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Takes the prose out of one command's facts and its subcommands with it. */
function withoutProse(docs: Json): Json {
  const {
    summary: _,
    complexity: __,
    replaced_by: ___,
    subcommands: ____,
    ...facts
  } = docs;
  const history = facts.history as [string, string][] | undefined;
  return history
    ? { ...facts, history: history.map(([version]) => version) }
    : facts;
}

type Info = unknown[];
const KEY_SPECS = 8;
const SUBCOMMANDS = 9;

function collectInfo(info: Info, into: RedisFacts): void {
  const name = info[0] as string;
  const subcommands = info[SUBCOMMANDS] as Info[];
  const keySpecs = (info[KEY_SPECS] as Json[]).map(({ notes: _, ...spec }) =>
    spec
  );
  into[name] = {
    info: [
      ...info.slice(0, KEY_SPECS),
      keySpecs,
      subcommands.map((sub) => sub[0]).sort(),
    ],
    docs: {},
  };
  for (const sub of subcommands) collectInfo(sub, into);
}

function collectDocs(docs: Json, into: RedisFacts): void {
  for (const [name, page] of Object.entries(docs) as [string, Json][]) {
    into[name].docs = withoutProse(page);
    if (page.subcommands) collectDocs(page.subcommands as Json, into);
  }
}

if (import.meta.main) {
  const facts: RedisFacts = {};
  const [port] = Deno.args;
  for (const info of await ask(port, "COMMAND", "INFO") as Info[]) {
    collectInfo(info, facts);
  }
  collectDocs(await ask(port, "COMMAND", "DOCS") as Json, facts);
  const lines = Object.entries(facts).sort().map((line) =>
    JSON.stringify(line)
  );
  await Deno.writeTextFile(FACTS_FILE, `${lines.join("\n")}\n`);
  console.log(`${lines.length} commands`);
}
