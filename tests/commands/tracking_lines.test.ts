/** Which keys in caches a command makes invalid: the same as redis-server. */
import { assertEquals } from "@std/assert";
import { shownReplies } from "../support/invalidations.ts";
import { realRedis } from "../support/real.ts";
import {
  type Asked,
  assertLikeRedis,
  bench,
  type Question,
} from "./beside_redis.ts";
import { DISTURBING } from "./watch_lines.ts";

/** We say that caches are void when databases change places; Redis does not. */
const BETTER = /^SWAPDB (0 1|1 2|0 2)$/;

const READ = "EXISTS a b c d";
/** Tells of all keys that anybody may have read. */
const WRITE = "MSET a 1 b 1 c 1 d 1 e 1 f 1";
const OFF = ["CLIENT TRACKING OFF", "HELLO 2", "SELECT 0"];

/** Who has read the keys, and who changes them. */
const WAYS: Readonly<Record<string, Way>> = {
  "another client": { mode: "", by: "writer" },
  "the same client": { mode: "", by: "tracker" },
  "the same client, NOLOOP": { mode: "NOLOOP", by: "tracker" },
  "a transaction": { mode: "", by: "tracker", isTransaction: true },
  "BCAST": { mode: "BCAST", by: "writer" },
  "BCAST of some prefixes": { mode: "BCAST PREFIX a PREFIX c", by: "tracker" },
  "BCAST NOLOOP": { mode: "BCAST NOLOOP", by: "tracker" },
};

interface Way {
  mode: string;
  by: string;
  isTransaction?: boolean;
}

async function invalidated(
  asked: Asked,
  setup: readonly string[],
  line: string,
  { mode, by, isTransaction }: Way,
): Promise<string> {
  await asked.run("tracker", OFF);
  await asked.run("writer", ["SELECT 0", "FLUSHALL", ...setup, "SELECT 0"]);
  const on = `CLIENT TRACKING ON ${mode}`.trimEnd();
  await asked.run("tracker", ["HELLO 3", on, READ]);
  const lines = isTransaction ? ["MULTI", line, READ, "EXEC"] : [line];
  const own = await asked.run(by, lines);
  // What comes by itself has come before the reply to what follows.
  const more = await asked.run("tracker", ["PING", "PING"]);
  return shownReplies(by === "tracker" ? [...own, ...more] : more);
}

for (const [name, way] of Object.entries(WAYS)) {
  Deno.test({
    name: `changes make caches invalid as with Redis: ${name}`,
    ignore: !realRedis(),
    fn: () =>
      assertLikeRedis(
        alike(DISTURBING),
        (asked, setup, line) => invalidated(asked, setup, line, way),
      ),
  });
}

/** Further lines that read. */
const READING: readonly [setup: string[], lines: string[]][] = [
  [["SET a 5", "SET b text", "RPUSH c x"], [
    ...["MGET a b e", "GET c", "GET e", "EXISTS a a e", "SUBSTR a 0 1"],
    ...["LCS a b", "LCS a b LEN", "BITPOS a 1", "GETBIT a 1", "BITCOUNT a"],
    ...["EXPIRETIME a", "PEXPIRETIME e", "PTTL a", "MEMORY USAGE a"],
    ...["OBJECT FREQ a", "OBJECT IDLETIME a", "OBJECT HELP", "LRANGE a 0 1"],
    ...["SORT_RO c BY nosort GET b*", "HGET a f", "SMEMBERS a", "ZCARD e"],
    ...["SINTERCARD 2 d e", "ZINTERCARD 1 e", "ZDIFF 2 d e"],
    ...["GET a b", "NOSUCH a", "GEOPOS e x", "GEODIST e x y", "SSCAN e 0"],
    ...["HSTRLEN e f", "SRANDMEMBER e", "ZRANGEBYLEX e - +"],
    ...["ZREVRANGE e 0 1", "ZMSCORE e x", "SMISMEMBER e x y", "TOUCH a e"],
    ...["GEOSEARCH e FROMLONLAT 1 1 BYRADIUS 1 km", "GEOHASH e x"],
    ...["GEORADIUS_RO e 1 1 1 km", "PFCOUNT d e", "SDIFF d e f"],
  ]],
];

/** Which keys a client has in its cache after a line. */
const tracked: Question = async (asked, setup, line) => {
  await asked.run("tracker", OFF);
  await asked.run("writer", ["SELECT 0", "FLUSHALL", ...setup, "SELECT 0"]);
  await asked.run("tracker", ["HELLO 3", "CLIENT TRACKING ON", line, "PING"]);
  await asked.run("writer", [WRITE]);
  return shownReplies(await asked.run("tracker", ["PING", "PING"]));
};

Deno.test({
  name: "commands that read let keys be tracked as with Redis",
  ignore: !realRedis(),
  fn: () => assertLikeRedis(alike([...DISTURBING, ...READING]), tracked),
});

function alike(sets: typeof DISTURBING): [string[], string[]][] {
  return sets.map(([setup, lines]) => [
    setup,
    lines.filter((line) => !BETTER.test(line)),
  ]);
}

Deno.test("databases that change places void all caches", async () => {
  for (const isHot of [true, false]) {
    const way = WAYS["another client"];
    const setup = ["SET a 1"];
    const told = await invalidated(bench(isHot), setup, "SWAPDB 0 1", way);
    assertEquals(told, "* = =");
    const nothing = await invalidated(bench(isHot), setup, "SWAPDB 0 0", way);
    assertEquals(nothing, "= =");
  }
});
