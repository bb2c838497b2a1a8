/**
 * DEBUG DIGEST of collections: equal to Redis's, and the same for the same
 * elements in whatever form they are kept.
 */
import { assert, assertEquals } from "@std/assert";
import { type Client, connect, type Word } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { startKeysaur } from "../support/server.ts";
import { Talk } from "./talk.ts";

const ALLOWED = ["--enable-debug-command", "yes"];
const SEED = 20_261_121;

/** Elements of every kind: integers of each width, short, long and binary. */
function someElement(random: Random): Word {
  const kind = random.int(6);
  if (kind === 0) return random.int(200) - 100;
  if (kind === 1) return random.int(2 ** 31) * 1000;
  if (kind === 2) return `0${random.int(100)}`;
  if (kind === 3) return random.bytes(random.int(200));
  return `element ${random.int(1000)}`;
}

/** Scores that 7.0 and 7.2 print alike: the former prints 17 digits. */
function someScore(random: Random): string {
  const special = ["inf", "-inf", "0", "-2.5"];
  if (random.chance(0.1)) return random.pick(special);
  return String((random.int(2 ** 20) - 2 ** 19) / 2 ** random.int(6));
}

/** The command that adds an element to a collection of a type. */
const ADDING: Record<string, (random: Random) => Word[]> = {
  list: (random) => ["RPUSH", "list", someElement(random)],
  hash: (random) => ["HSET", "hash", someElement(random), someElement(random)],
  set: (random) => ["SADD", "set", someElement(random)],
  ints: (random) => ["SADD", "ints", random.int(2 ** 20)],
  zset: (random) => ["ZADD", "zset", someScore(random), someElement(random)],
};

function someCommands(random: Random): Word[][] {
  const commands: Word[][] = [];
  for (const [name, adding] of Object.entries(ADDING)) {
    for (const count of [1, 30, 100, 700]) {
      for (let i = 0; i < count; i++) {
        const [command, , ...words] = adding(random);
        commands.push([command, `${name}:${count}`, ...words]);
      }
    }
    commands.push(["PEXPIREAT", `${name}:30`, "4102444800000"]);
  }
  return commands;
}

Deno.test({
  name: "DEBUG DIGEST and DIGEST-VALUE equal Redis's for collections",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis(ALLOWED);
    await using keysaur = await startKeysaur(ALLOWED);
    using theirs = await connect(real.port);
    using ours = await connect(keysaur.port);
    for (let round = 0; round < 3; round++) {
      const random = new Random(SEED + round);
      const commands = someCommands(random);
      const keys = [...new Set(commands.map(([, key]) => key))];
      const digests = async (client: Client) => {
        await client.call("FLUSHALL");
        await client.pipeline(commands);
        return await client.pipeline([
          ...keys.map((key) => ["DEBUG", "DIGEST-VALUE", key]),
          ["DEBUG", "DIGEST"],
        ]);
      };
      const expected = await digests(theirs);
      assertEquals(await digests(ours), expected, `seed ${SEED + round}`);
    }
  },
});

Deno.test("DEBUG DIGEST-VALUE prints scores as Redis 7.2 does", () => {
  const config = { "enable-debug-command": "yes" };
  const talk = new Talk({ config, isObserved: false });
  const digests = {
    "1e16": "02fb09f65a743f3aa85c8f13f339bc95a8e2f471",
    "1e17": "70af2b12199c199e3b8261113e3a31ab1dc7490d",
  };
  for (const [score, digest] of Object.entries(digests)) {
    talk.say(`ZADD z ${score} m`);
    assertEquals(talk.say("DEBUG DIGEST-VALUE z"), `*1 +${digest}`);
  }
});

const LIMITS = [
  "list-max-listpack-size",
  "hash-max-listpack-entries",
  "hash-max-listpack-value",
  "set-max-intset-entries",
  "set-max-listpack-entries",
  "set-max-listpack-value",
  "zset-max-listpack-entries",
  "zset-max-listpack-value",
];

Deno.test("DEBUG DIGEST is the same for all forms of the same data", () => {
  const digestWith = (limit: string, encodings: Set<string>) => {
    const limits = Object.fromEntries(LIMITS.map((name) => [name, limit]));
    const config = { "enable-debug-command": "yes", ...limits };
    const talk = new Talk({ config, isObserved: false });
    const random = new Random(SEED);
    for (const words of someCommands(random)) talk.call(...words);
    for (const name of Object.keys(ADDING)) {
      const key = `${name}:30`;
      encodings.add(talk.say(`OBJECT ENCODING ${key}`));
    }
    talk.bench.verify();
    return talk.say("DEBUG DIGEST");
  };
  const small = new Set<string>(), large = new Set<string>();
  assertEquals(digestWith("1", large), digestWith("1000", small));
  for (const encoding of small) assert(!large.has(encoding), encoding);
});

Deno.test("DEBUG DIGEST looks into the compressed nodes of a list", () => {
  const digestOf = (depth: string) => {
    const config = {
      "enable-debug-command": "yes",
      "list-max-listpack-size": "16",
      "list-compress-depth": depth,
    };
    const talk = new Talk({ config, isObserved: false });
    for (let i = 0; i < 200; i++) talk.call("RPUSH", "l", `${i} `.repeat(30));
    const layout = talk.say("DEBUG OBJECT l").replace(/^.* ql_nodes/, "");
    return [layout.includes("ql_compressed:1"), talk.say("DEBUG DIGEST")];
  };
  const [isCompressed, digest] = digestOf("1");
  assert(isCompressed);
  assertEquals(digestOf("0"), [false, digest]);
});
