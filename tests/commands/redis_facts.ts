/** The recorded facts of Redis 7.2.4 about its commands, by full name. */

export interface CommandFacts {
  /** As COMMAND INFO, key specs without notes, subcommands by name only. */
  info: unknown[];
  /** As COMMAND DOCS, without prose; the history is versions only. */
  docs: Record<string, unknown>;
}

export type RedisFacts = Record<string, CommandFacts>;

/** One line of JSON for each command: its name and its facts. */
export const FACTS_FILE = new URL("redis_facts.jsonl", import.meta.url);

export async function readRedisFacts(): Promise<RedisFacts> {
  const lines = (await Deno.readTextFile(FACTS_FILE)).trimEnd().split("\n");
  return Object.fromEntries(lines.map((line) => JSON.parse(line)));
}
