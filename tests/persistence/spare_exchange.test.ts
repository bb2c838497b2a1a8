/**
 * A log that a killed server left with spare room, read and continued by
 * redis-server, and by ours again. With REDIS_SUITE set (see README) also by
 * the version that is built there.
 */
import { assert, assertEquals } from "@std/assert";
import { checkAof } from "../../src/persistence/aof/check.ts";
import { type Client, connect } from "../support/client.ts";
import { launch } from "../support/launch.ts";
import { realRedis } from "../support/real.ts";
import { startKeysaur } from "../support/server.ts";

const ARGS = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
const LOG = "appendonlydir/appendonly.aof.1.incr.aof";
/** More than comes before there is room, and less than a base is worth. */
const COUNT = 900;

const suite = Deno.env.get("REDIS_SUITE");
const PROGRAMS = ["", ...(suite === undefined ? [] : [`${suite}/src/`])];

for (const path of PROGRAMS) {
  Deno.test({
    name: `${path}redis-server goes on where a killed server had room`,
    ignore: !realRedis(),
    async fn() {
      const dir = await Deno.makeTempDir({ prefix: "keysaur-spare-" });
      let count = 0;
      const startRedis = () =>
        launch(`${path}redis-server`, (port, at) => [
          ...["--port", String(port), "--dir", at, "--bind", "127.0.0.1"],
          ...ARGS,
        ], { dir });
      const starts = [
        ...[() => startKeysaur(ARGS, { dir }), startRedis, startRedis],
        ...[() => startKeysaur(ARGS, { dir }), startRedis],
      ];
      for (const [i, start] of starts.entries()) {
        await using server = await start();
        using client = await connect(server.port);
        assertEquals(await client.call("GET", "n"), count ? `${count}` : null);
        count += await add(client, i === 3 ? COUNT : COUNT - i);
        const isOurs = start !== startRedis;
        const text = await Deno.readTextFile(`${dir}/${LOG}`);
        assertEquals(text.endsWith("###\n"), isOurs, "the room");
        await server.stop("SIGKILL");
        check(`${path}redis-check-aof`, dir);
      }
      {
        await using server = await startKeysaur(ARGS, { dir });
        using client = await connect(server.port);
        assertEquals(await client.call("GET", "n"), `${count}`);
        count += await add(client, COUNT);
        await server.stop();
      }
      const text = await Deno.readTextFile(`${dir}/${LOG}`);
      assert(text.endsWith(`\r\n`), "no room after an end in good order");
      check(`${path}redis-check-aof`, dir);
      await Deno.remove(dir, { recursive: true });
    },
  });
}

/** In groups that are small and of changing size. */
async function add(client: Client, count: number): Promise<number> {
  for (let left = count; left > 0;) {
    const size = Math.min(left, 1 + left % 7);
    await client.pipeline(Array(size).fill(["INCR", "n"]));
    left -= size;
  }
  return count;
}

/** By Redis's program and by ours. */
function check(program: string, dir: string): void {
  const path = `${dir}/appendonlydir/appendonly.aof.manifest`;
  const { success, stdout } = new Deno.Command(program, { args: [path] })
    .outputSync();
  assert(success, new TextDecoder().decode(stdout));
  let text = "";
  const code = checkAof([path], {
    print: (part) => void (text += part),
    answer: () => "n",
  });
  assertEquals(code, 0, text);
}
