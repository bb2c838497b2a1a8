/**
 * A directory that looks like a checkout of Redis with its programs built, so
 * that nothing is written into the checkout. The programs are those of the
 * machine; in full mode the server among them is Keysaur: shell scripts of one
 * line, which become the server by `exec`, so that its process has the id that
 * the suite knows.
 */
import { ensureDir } from "@std/fs";
import { KEYSAUR_COMMAND } from "../../tests/support/server.ts";

/** What the suite runs as `src/<name>`. */
const TOOLS = ["redis-cli", "redis-benchmark"];
const SERVERS = ["redis-server", "redis-check-rdb", "redis-check-aof"];

/** The subcommand of `main.ts` that does what a program of Redis does. */
const SUBCOMMANDS: Record<string, string[]> = {
  "redis-server": [],
  "redis-check-rdb": ["check-rdb"],
  "redis-check-aof": ["check-aof"],
};

/** Makes the directory; whoever asked for it removes it. */
export async function overlay(
  checkout: string,
  servers: "keysaur" | "redis",
): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "keysaur-suite-" });
  await ensureDir(`${root}/tests/tmp`);
  await ensureDir(`${root}/src`);
  for (const { name } of Deno.readDirSync(`${checkout}/tests`)) {
    if (name === "tmp" || name === "support") continue;
    await Deno.symlink(`${checkout}/tests/${name}`, `${root}/tests/${name}`);
  }
  await copySupport(checkout, root);
  for (const name of [...TOOLS, ...SERVERS]) {
    const path = `${root}/src/${name}`;
    if (servers === "keysaur" && SERVERS.includes(name)) {
      const text = standIn(SUBCOMMANDS[name]);
      await Deno.writeTextFile(path, text, { mode: 0o755 });
    } else {
      const program = findProgram(name);
      if (program) await Deno.symlink(program, path);
    }
  }
  return root;
}

/** A script that becomes Keysaur, with the words that it is given. */
export function standIn(subcommand: readonly string[]): string {
  const words = [Deno.execPath(), ...KEYSAUR_COMMAND, ...subcommand];
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`;
}

/**
 * The suite's own helpers. Between two tests they empty the function library,
 * which a server without functions has no command for; there the line's error
 * is let pass.
 */
async function copySupport(checkout: string, root: string): Promise<void> {
  await ensureDir(`${root}/tests/support`);
  for (const { name } of Deno.readDirSync(`${checkout}/tests/support`)) {
    const text = await Deno.readTextFile(`${checkout}/tests/support/${name}`);
    await Deno.writeTextFile(
      `${root}/tests/support/${name}`,
      text.replace(/^(\s*)r function flush$/m, "$1catch {r function flush}"),
    );
  }
}

function findProgram(name: string): string | undefined {
  const dirs = Deno.env.get("PATH")?.split(":") ?? [];
  return dirs.map((dir) => `${dir}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}
