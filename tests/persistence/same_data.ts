/** Whether two servers have the same data, keys' due times included. */
import { assertEquals } from "@std/assert";
import { connect, ReplyError } from "../support/client.ts";
import { datasetCommands, type DatasetOptions } from "./dataset.ts";

/** What stays the same when data goes from one server to another. */
export interface Facts {
  digest: string;
  /** How many keys each database has. */
  sizes: number[];
  /** Each key of database 0, its value's digest and when it is due. */
  keys: Map<string, string>;
}

/** Puts the data set on a server; throws when it refuses a command. */
export async function fillDataset(
  port: number,
  options: DatasetOptions,
  commands = datasetCommands(options),
): Promise<void> {
  using client = await connect(port);
  for (const [i, reply] of (await client.pipeline(commands)).entries()) {
    if (reply instanceof ReplyError) {
      throw new Error(`${commands[i].slice(0, 3)}: ${reply.message}`);
    }
  }
}

export async function factsOf(port: number): Promise<Facts> {
  using client = await connect(port);
  const sizes: number[] = [];
  for (let index = 0; index < 16; index++) {
    await client.call("SELECT", index);
    sizes.push(Number(await client.call("DBSIZE")));
  }
  await client.call("SELECT", 0);
  const names = await client.call("KEYS", "*") as string[];
  const due = await client.pipeline(names.map((key) => ["PEXPIRETIME", key]));
  const digests = await client.pipeline(
    names.map((key) => ["DEBUG", "DIGEST-VALUE", key]),
  );
  return {
    digest: String(await client.call("DEBUG", "DIGEST")),
    sizes,
    keys: new Map(names.map((key, i) => [key, `${digests[i]}, due ${due[i]}`])),
  };
}

/** Names the keys that make the difference. */
export function assertSameFacts(found: Facts, expected: Facts): void {
  const names = new Set([...found.keys.keys(), ...expected.keys.keys()]);
  const different = [...names].filter((key) =>
    found.keys.get(key) !== expected.keys.get(key)
  );
  const shown = ({ keys }: Facts) =>
    different.map((key) => `${key}: ${keys.get(key) ?? "missing"}`);
  assertEquals(shown(found), shown(expected));
  assertEquals(found.sizes, expected.sizes, "how many keys there are");
  assertEquals(found.digest, expected.digest, "DEBUG DIGEST");
}
