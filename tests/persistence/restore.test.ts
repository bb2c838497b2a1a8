import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { START_MS, Talk } from "../commands/talk.ts";
import { connect, type Word } from "../support/client.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { DATASET_ARGS, datasetCommands } from "./dataset.ts";
import * as rdb from "./rdb_bytes.ts";
import { RdbHost } from "./rdb_host.ts";

const VALUE = rdb.payload(0, rdb.string("value"));

function restore(talk: Talk, ...options: string[]): string {
  const [ttl, ...others] = options;
  return talk.call("RESTORE", "k", ttl, VALUE, ...others);
}

Deno.test("RESTORE makes a key, with a time to live or until a time", () => {
  const talk = new Talk();
  assertEquals(restore(talk, "0"), "+OK");
  talk.assert([["GET k", "$5 value"], ["PTTL k", ":-1"]]);
  assertEquals(restore(talk, "5000", "REPLACE"), "+OK");
  talk.assert([["PTTL k", ":5000"]]);
  const due = String(START_MS + 7000);
  assertEquals(restore(talk, due, "ABSTTL", "REPLACE"), "+OK");
  talk.assert([["PEXPIRETIME k", `:${due}`]]);
});

Deno.test("RESTORE needs REPLACE for a key that is there", () => {
  const talk = new Talk();
  talk.say("RPUSH k a b");
  assertEquals(
    restore(talk, "x"),
    "-BUSYKEY Target key name already exists.",
  );
  talk.assert([["LLEN k", ":2"]]);
  assertEquals(restore(talk, "0", "replace"), "+OK");
  talk.assert([["GET k", "$5 value"]]);
});

Deno.test("RESTORE of what is due already only removes the old key", () => {
  const talk = new Talk();
  const past = String(START_MS - 1);
  assertEquals(restore(talk, past, "ABSTTL"), "+OK");
  talk.assert([["EXISTS k", ":0"], ["SET k old", "+OK"]]);
  assertEquals(restore(talk, past, "ABSTTL", "REPLACE"), "+OK");
  talk.assert([["EXISTS k", ":0"]]);
});

Deno.test("RESTORE refuses what makes no sense, in Redis's words", () => {
  const talk = new Talk();
  const bad = VALUE.slice();
  bad[3] ^= 1;
  const rows: [(string | Uint8Array)[], string][] = [
    [["-1", VALUE], "ERR Invalid TTL value, must be >= 0"],
    [["x", VALUE], "ERR value is not an integer or out of range"],
    [["0", VALUE, "NX"], "ERR syntax error"],
    [["0", VALUE, "IDLETIME"], "ERR syntax error"],
    [["0", VALUE, "IDLETIME", "1", "FREQ", "1"], "ERR syntax error"],
    [
      ["0", VALUE, "IDLETIME", "-1"],
      "ERR Invalid IDLETIME value, must be >= 0",
    ],
    [
      ["0", VALUE, "FREQ", "256"],
      "ERR Invalid FREQ value, must be >= 0 and <= 255",
    ],
    [["0", bad], "ERR DUMP payload version or checksum are wrong"],
    [["0", "short"], "ERR DUMP payload version or checksum are wrong"],
    [
      ["0", rdb.resummed(laterVersion())],
      "ERR DUMP payload version or checksum are wrong",
    ],
    [["0", rdb.payload(0, rdb.string("v"), "rest")], "ERR Bad data format"],
    [["0", rdb.payload(2, [0])], "ERR Bad data format"],
    [["0", rdb.payload(255)], "ERR Bad data format"],
    [
      ["0", rdb.resummed(rdb.joined([11, 0], "12345678"))],
      "ERR Bad data format",
    ],
  ];
  for (const [words, text] of rows) {
    assertEquals(talk.call("RESTORE", "k", ...words), `-${text}`);
  }
  talk.assert([["EXISTS k", ":0"]]);
});

function laterVersion(): Uint8Array {
  const bytes = VALUE.slice();
  bytes[bytes.length - 10] = 13;
  return bytes;
}

Deno.test("RESTORE keeps the use that it is told", () => {
  const lru = new Talk({ config: { "maxmemory-policy": "allkeys-lru" } });
  assertEquals(restore(lru, "0", "IDLETIME", "1000"), "+OK");
  lru.assert([["OBJECT IDLETIME k", ":1000"]]);
  const lfu = new Talk({ config: { "maxmemory-policy": "allkeys-lfu" } });
  assertEquals(restore(lfu, "0", "FREQ", "100"), "+OK");
  lfu.assert([["OBJECT FREQ k", ":100"]]);
});

Deno.test("RESTORE tells others the point in time", () => {
  const talk = new Talk();
  const sent = (...options: string[]) => {
    const [ttl, ...others] = options;
    const text = Buffer.from(VALUE).toString("latin1");
    return `> RESTORE k ${[ttl, text, ...others].join(" ")}`;
  };
  const learn = (...options: string[]) => {
    const [ttl, ...others] = options;
    return talk.learnCall("RESTORE", "k", ttl, VALUE, ...others);
  };
  assertEquals(learn("0"), `restore:k@0 ${sent("0")}`);
  assertEquals(
    learn("5000", "REPLACE"),
    `restore:k@0 ${sent(String(START_MS + 5000), "REPLACE", "ABSTTL")}`,
  );
  const due = String(START_MS + 9);
  assertEquals(
    learn(due, "ABSTTL", "REPLACE"),
    `restore:k@0 ${sent(due, "ABSTTL", "REPLACE")}`,
  );
  assertEquals(learn("1", "ABSTTL", "REPLACE"), "del:k@0 > DEL k");
  assertEquals(learn("1", "ABSTTL", "REPLACE"), "");
});

Deno.test("what DUMP gives, RESTORE takes, byte by byte the same", () => {
  const host = new RdbHost({ "enable-debug-command": "yes" });
  const commands = datasetCommands({
    seed: 7,
    nowMs: 1_700_000_000_000,
    hasFieldTimes: true,
  });
  for (const words of commands) host.call(...words);
  host.say("SELECT 0");
  const keys = host.bench.server.keyspace.database(0).size;
  const names = namesOf(host);
  assertEquals(names.length, keys);
  for (const name of names) {
    const dump = dumped(host, name);
    const before = host.call("DEBUG", "DIGEST-VALUE", name);
    const due = Math.max(0, Number(host.call("PEXPIRETIME", name).slice(1)));
    const words = ["RESTORE", name, due, dump, "ABSTTL", "REPLACE"];
    assertEquals(host.call(...words), "+OK", name);
    assertEquals(host.call("DEBUG", "DIGEST-VALUE", name), before, name);
    assertEquals(dumped(host, name), dump, name);
  }
  host.verify();
});

function namesOf(host: RdbHost): string[] {
  return bulks(host.raw("KEYS", "*"));
}

/** The bulk strings of a reply. */
function bulks(text: string): string[] {
  const found: string[] = [];
  for (let at = text.indexOf("$"); at < text.length && at >= 0;) {
    const lineEnd = text.indexOf("\r\n", at);
    const start = lineEnd + 2;
    const end = start + Number(text.slice(at + 1, lineEnd));
    found.push(text.slice(start, end));
    at = end + 2;
  }
  return found;
}

function dumped(host: RdbHost, name: string): Uint8Array {
  const [bytes] = bulks(host.raw("DUMP", name));
  return Buffer.from(bytes, "latin1");
}

Deno.test({
  name: "what redis-server dumps, RESTORE takes, and the other way round",
  ignore: !realRedis(),
  async fn() {
    await using redis = await startRedis(DATASET_ARGS);
    using client = await connect(redis.port);
    const host = new RdbHost({ "enable-debug-command": "yes" });
    const commands = datasetCommands({ seed: 9, nowMs: Date.now() });
    await client.pipeline(commands);
    const names = await client.call("KEYS", "*") as string[];
    for (const name of names) {
      const dump: Word = String(await client.call("DUMP", name));
      const due = Math.max(0, Number(await client.call("PEXPIRETIME", name)));
      const words: Word[] = ["RESTORE", name, due, dump, "ABSTTL"];
      assertEquals(host.call(...words), "+OK", name);
      words[3] = dumped(host, name);
      await client.call(...words, "REPLACE");
      const [theirs] = await client.call("DEBUG", "DIGEST-VALUE", name) as [
        string,
      ];
      const ours = host.call("DEBUG", "DIGEST-VALUE", name);
      assertEquals(ours, `*1 +${theirs}`, name);
    }
    host.verify();
  },
});
