/** Whether two servers have the same data, keys' due times included. */
import { assertEquals, AssertionError } from "@std/assert";
import { type Client, connect, ReplyError } from "../support/client.ts";
import { datasetCommands, type DatasetOptions } from "./dataset.ts";

/** What stays the same when data goes from one server to another. */
export interface Facts {
  digest: string;
  /** How many keys each database has that has any. */
  sizes: number[];
  /** Each key of database 0 that is due, and when. */
  dueTimes: string[];
}

/** Puts the data set on a server; throws when it refuses a command. */
export async function fillDataset(
  port: number,
  options: DatasetOptions,
): Promise<void> {
  using client = await connect(port);
  const commands = datasetCommands(options);
  for (const [i, reply] of (await client.pipeline(commands)).entries()) {
    if (reply instanceof ReplyError) {
      throw new Error(`${commands[i].slice(0, 3)}: ${reply.message}`);
    }
  }
}

export async function factsOf(client: Client): Promise<Facts> {
  const sizes: number[] = [];
  for (let index = 0; index < 16; index++) {
    await client.call("SELECT", index);
    sizes.push(Number(await client.call("DBSIZE")));
  }
  await client.call("SELECT", 0);
  const keys = (await client.call("KEYS", "*") as string[]).sort();
  const due = await client.pipeline(keys.map((key) => ["PEXPIRETIME", key]));
  return {
    digest: String(await client.call("DEBUG", "DIGEST")),
    sizes,
    dueTimes: keys.map((key, i) => `${key} ${due[i]}`),
  };
}

/** Fails naming the keys whose values differ, where the digests do. */
export async function assertSameData(ours: Client, theirs: Client) {
  const [a, b] = [await factsOf(ours), await factsOf(theirs)];
  assertEquals(a.sizes, b.sizes, "how many keys there are");
  assertEquals(a.dueTimes, b.dueTimes, "keys and due times");
  if (a.digest === b.digest) return;
  const different: unknown[] = [];
  for (const key of await ours.call("KEYS", "*") as string[]) {
    const [x, y] = await Promise.all(
      [ours, theirs].map((client) => client.call("DEBUG", "DIGEST-VALUE", key)),
    );
    if (String(x) !== String(y)) different.push(key);
  }
  throw new AssertionError(`the digests differ, by these keys: ${different}`);
}
