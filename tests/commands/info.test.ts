import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Client, connect, encodeCommands } from "../support/client.ts";
import { launch } from "../support/launch.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { KEYSAUR_COMMAND, startKeysaur } from "../support/server.ts";

const DEFAULT_TITLES = [
  "Server",
  "Clients",
  "Memory",
  "Persistence",
  "Stats",
  "Replication",
  "CPU",
  "Modules",
  "Errorstats",
  "Cluster",
  "Keyspace",
];

const ALL_TITLES = DEFAULT_TITLES.toSpliced(8, 0, "Commandstats")
  .toSpliced(10, 0, "Latencystats");

/** Shown by Redis 7.2, and not by the 7.0 that we compare with. */
const SINCE_SEVEN_TWO = [
  "total_blocking_keys",
  "total_blocking_keys_on_nokey",
  "eventloop_cycles",
  "eventloop_duration_sum",
  "eventloop_duration_cmd_sum",
  "instantaneous_eventloop_cycles_per_sec",
  "instantaneous_eventloop_duration_usec",
  "acl_access_denied_auth",
  "acl_access_denied_cmd",
  "acl_access_denied_key",
  "acl_access_denied_channel",
  "listener0",
];

/** Shown by Redis since 7.4. */
const SINCE_SEVEN_FOUR = ["expired_subkeys"];

/** Shown by Keysaur alone. */
const OURS = [
  ...["server_name", "keysaur_version", "deno_version"],
  ...["paused_reason", "paused_actions", "paused_timeout_milliseconds"],
];

async function info(client: Client, ...sections: string[]): Promise<string> {
  return String(await client.call("INFO", ...sections));
}

function titlesOf(text: string): string[] {
  return [...text.matchAll(/^# (\w+)\r$/gm)].map((match) => match[1]);
}

function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

function numberIn(fields: ReadonlyMap<string, string>, name: string): number {
  const text = fields.get(name);
  assert(text !== undefined && text !== "", `there is no ${name}`);
  return Number(text);
}

Deno.test("INFO shows the sections that were asked for", async (t) => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  const cases: [string[], string[]][] = [
    [[], DEFAULT_TITLES],
    [["default"], DEFAULT_TITLES],
    [["all"], ALL_TITLES],
    [["everything"], ALL_TITLES],
    [["keyspace", "CPU"], ["CPU", "Keyspace"]],
    [["cpu", "cpu", "cpu"], ["CPU"]],
    [["commandSTATS"], ["Commandstats"]],
    [["default", "latencystats"], ALL_TITLES.toSpliced(8, 1)],
    [["modules"], ["Modules"]],
    [["module_list"], ["Modules"]],
    [["debug"], ["Debug"]],
    [["all", "debug"], [...ALL_TITLES, "Debug"]],
    [["sentinel"], []],
    [["sentinel", "server"], ["Server"]],
    [[""], []],
  ];
  for (const [words, titles] of cases) {
    await t.step(`INFO ${words.join(" ")}`, async () => {
      assertEquals(titlesOf(await info(client, ...words)), titles);
    });
  }
});

Deno.test("INFO of nothing known is empty", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  assertEquals(await info(client, "nothing", "sentinel"), "");
});

Deno.test("INFO is a verbatim text in RESP3", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  assertEquals((await client.raw("INFO", "cluster")).kind, "bulk");
  await client.call("HELLO", 3);
  const reply = await client.raw("INFO", "cluster");
  assert(reply.kind === "verbatim");
  assertEquals(reply.format, "txt");
  assertEquals(
    new TextDecoder().decode(reply.bytes),
    "# Cluster\r\ncluster_enabled:0\r\n",
  );
});

Deno.test("Sections are apart by one empty line", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  assertEquals(
    await info(client, "modules", "cluster", "keyspace"),
    "# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n",
  );
});

Deno.test({
  name: "INFO has every field of Redis, in Redis's order",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis();
    await using keysaur = await startKeysaur();
    using theirs = await connect(real.port);
    using ours = await connect(keysaur.port);
    const names = async (client: Client) => {
      await client.call("SET", "key", "value");
      const text = await info(client, "everything");
      return [...text.matchAll(/^([^#:\r\n]+):|^# (\w+)/gm)]
        .map((match) => match[1] ?? match[2])
        .filter((name) => !name.startsWith("cmdstat_"))
        .filter((name) => !name.startsWith("latency_percentiles_"));
    };
    const added = new Set([
      ...SINCE_SEVEN_TWO,
      ...SINCE_SEVEN_FOUR,
      ...OURS,
    ]);
    assertEquals(
      (await names(ours)).filter((name) => !added.has(name)),
      await names(theirs),
    );
  },
});

Deno.test("INFO of the server tells what runs where", async () => {
  await using server = await startKeysaur(["--bind", "127.0.0.1"]);
  using client = await connect(server.port);
  const text = await info(client, "server");
  assert(
    text.startsWith(
      "# Server\r\nredis_version:7.2.4\r\nserver_name:keysaur\r\n" +
        "keysaur_version:",
    ),
  );
  const fields = fieldsOf(text);
  assertEquals(fields.get("redis_mode"), "standalone");
  assertEquals(fields.get("arch_bits"), "32");
  assertEquals(numberIn(fields, "process_id"), server.pid);
  assertEquals(numberIn(fields, "tcp_port"), server.port);
  assertEquals(fields.get("executable"), Deno.execPath());
  assertEquals(fields.get("config_file"), "");
  assertEquals(
    fields.get("listener0"),
    `name=tcp,bind=127.0.0.1,port=${server.port}`,
  );
  assertMatch(fields.get("run_id") ?? "", /^[0-9a-f]{40}$/);
  assert(numberIn(fields, "uptime_in_seconds") < 60);
  const now = Date.now();
  assert(Math.abs(numberIn(fields, "server_time_usec") / 1000 - now) < 10_000);
  const clock = numberIn(fields, "lru_clock");
  assert(Math.abs(clock - Math.floor(now / 1000) % 2 ** 24) < 10);
});

Deno.test("INFO names the configuration file and a unix socket", async () => {
  const dir = await Deno.makeTempDir();
  const file = `${dir}/keysaur.conf`;
  await Deno.writeTextFile(file, `unixsocket ${dir}/keysaur.sock\n`);
  {
    await using server = await launch(Deno.execPath(), (port) => [
      ...KEYSAUR_COMMAND,
      file,
      ...["--port", String(port), "--bind", "127.0.0.1"],
    ]);
    using client = await connect(server.port);
    const fields = fieldsOf(await info(client, "server"));
    assertEquals(fields.get("config_file"), file);
    assertEquals(
      fields.get("listener1"),
      `name=unix,bind=${dir}/keysaur.sock`,
    );
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("INFO counts calls, failures and refusals of each command", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  await client.call("CONFIG", "RESETSTAT");
  await client.pipeline([
    ["SET", "a", "1"],
    ["SET", "b", "text"],
    ["GET", "a"],
    ["GET"],
    ["INCR", "b"],
    ["NOSUCH"],
    ["CONFIG", "GET", "port"],
  ]);
  const fields = fieldsOf(await info(client, "commandstats", "errorstats"));
  const counts = (name: string) =>
    fields.get(name)?.replace(/,usec=\d+,usec_per_call=\d+\.\d\d,/, " ");
  assertEquals(
    counts("cmdstat_set"),
    "calls=2 rejected_calls=0,failed_calls=0",
  );
  assertEquals(
    counts("cmdstat_get"),
    "calls=1 rejected_calls=1,failed_calls=0",
  );
  assertEquals(
    counts("cmdstat_incr"),
    "calls=1 rejected_calls=0,failed_calls=1",
  );
  assertEquals(
    counts("cmdstat_config|get"),
    "calls=1 rejected_calls=0,failed_calls=0",
  );
  assertEquals(fields.get("errorstat_ERR"), "count=3");
  assertEquals(
    numberIn(fieldsOf(await info(client, "stats")), "total_error_replies"),
    3,
  );
});

Deno.test("CONFIG RESETSTAT empties the statistics of INFO", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  await client.call("GET", "missing");
  await client.raw("NOSUCH");
  await client.call("CONFIG", "RESETSTAT");
  const text = await info(client, "stats", "commandstats", "errorstats");
  const fields = fieldsOf(text);
  assertEquals(fields.has("cmdstat_get"), false);
  assertEquals(fields.has("errorstat_ERR"), false);
  assertEquals(numberIn(fields, "keyspace_misses"), 0);
  assertEquals(numberIn(fields, "total_error_replies"), 0);
  assertEquals(numberIn(fields, "total_commands_processed"), 1);
});

Deno.test("INFO counts traffic, hits, misses and changes", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  const commands = [
    ["SET", "key", "v".repeat(1000)],
    ["GET", "key"],
    ["GET", "missing"],
    ["GET", "missing"],
  ];
  const before = fieldsOf(await info(client));
  for (const command of commands) await client.call(...command);
  const after = fieldsOf(await info(client));
  const growth = (name: string) =>
    numberIn(after, name) - numberIn(before, name);
  assertEquals(growth("keyspace_hits"), 1);
  assertEquals(growth("keyspace_misses"), 2);
  assertEquals(growth("rdb_changes_since_last_save"), 1);
  // An INFO counts itself only when it is over.
  assertEquals(growth("total_commands_processed"), 5);
  assertEquals(growth("total_writes_processed"), 5);
  assertEquals(growth("total_reads_processed"), 5);
  assert(growth("eventloop_cycles") >= 5);
  assertEquals(
    growth("total_net_input_bytes"),
    encodeCommands([...commands, ["INFO"]]).length,
  );
  assert(growth("total_net_output_bytes") > 1000);
});

Deno.test("INFO of the keyspace lists databases with their keys", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  assertEquals(await info(client, "keyspace"), "# Keyspace\r\n");
  await client.pipeline([
    ["SET", "a", "1"],
    ["SET", "b", "1", "PX", 1_000_000],
    ["SET", "c", "1", "PX", 3_000_000],
    ["SELECT", 7],
    ["SET", "a", "1"],
  ]);
  const fields = fieldsOf(await info(client, "keyspace"));
  assertEquals([...fields.keys()], ["db0", "db7"]);
  assertEquals(fields.get("db7"), "keys=1,expires=0,avg_ttl=0,subexpiry=0");
  const [, ttl] = /^keys=3,expires=2,avg_ttl=(\d+),subexpiry=0$/
    .exec(fields.get("db0") ?? "") ?? [];
  assert(Math.abs(Number(ttl) - 2_000_000) < 10_000, `avg_ttl is ${ttl}`);
});

Deno.test("INFO of memory follows what is stored", async () => {
  await using server = await startKeysaur(["--maxmemory", "2gb"]);
  using client = await connect(server.port);
  const read = async () => fieldsOf(await info(client, "memory"));
  const before = await read();
  await client.call("SET", "big", "v".repeat(8_000_000));
  const full = await read();
  const growth = numberIn(full, "used_memory") -
    numberIn(before, "used_memory");
  assert(growth >= 8_000_000 && growth < 8_200_000, `it grew by ${growth}`);
  assertEquals(
    numberIn(full, "used_memory"),
    numberIn(full, "used_memory_overhead") +
      numberIn(full, "used_memory_dataset"),
  );
  assertEquals(full.get("maxmemory"), "2147483648");
  assertEquals(full.get("maxmemory_human"), "2.00G");
  assertEquals(full.get("mem_allocator"), "keysaur");
  for (
    const [inner, outer] of [["allocated", "active"], [
      "active",
      "resident",
    ]]
  ) {
    const sizes = [inner, outer].map((name) =>
      numberIn(full, `allocator_${name}`)
    );
    assert(sizes[0] <= sizes[1], `${inner} ${sizes} ${outer}`);
  }
  await client.call("DEL", "big");
  const empty = await read();
  assert(numberIn(empty, "used_memory") < 8_000_000);
  assert(numberIn(empty, "used_memory_peak") >= 8_000_000);
});

Deno.test("INFO of clients counts them and what they have not finished", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  using other = await connect(server.port);
  const begun = "*2\r\n$4\r\nECHO\r\n$5000\r\n" + "x".repeat(4000);
  await other.sendRaw(new TextEncoder().encode("PING\r\n" + begun));
  assertEquals(await other.readReply(), { kind: "simple", text: "PONG" });
  const fields = fieldsOf(await info(client, "clients"));
  assertEquals(fields.get("connected_clients"), "2");
  assertEquals(fields.get("maxclients"), "10000");
  assert(numberIn(fields, "client_recent_max_input_buffer") >= 4000);
});

Deno.test("INFO of replication tells the ID that DEBUG can change", async () => {
  await using server = await startKeysaur(["--enable-debug-command", "yes"]);
  using client = await connect(server.port);
  const id = async () =>
    fieldsOf(await info(client, "replication")).get("master_replid");
  const first = await id();
  assertMatch(first ?? "", /^[0-9a-f]{40}$/);
  assertEquals(await id(), first);
  await client.call("DEBUG", "CHANGE-REPL-ID");
  assert(await id() !== first);
});
