/** What a server keeps on disk: dumps at its command, by itself, at its end. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { StartError } from "../../src/server/config/errors.ts";
import { connect } from "../support/client.ts";
import { embed, until } from "./embedded.ts";
import { fill, House, openHouse } from "./house.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const HOUR = "3600 1";

// Commands.

Deno.test("what was saved is there after a restart", async () => {
  await using house = await openHouse({ save: HOUR });
  await fill(house);
  const digest = await house.call("DEBUG DIGEST");
  assertEquals(await house.call("SAVE"), "OK");
  await house.restart();
  assertEquals(await house.call("DEBUG DIGEST"), digest);
  const log = house.embedded.log();
  assertMatch(log, /\* Loading RDB produced by version 7\.2\.4\n/);
  assertMatch(log, /\* RDB age \d+ seconds\n/);
  assertMatch(log, /\* RDB memory usage when created \d\.\d\d Mb\n/);
  assertMatch(
    log,
    /\* Done loading RDB, keys loaded: 509, keys expired: 0\.\n/,
  );
  assertMatch(log, /\* DB loaded from disk: \d\.\d{3} seconds\n/);
  const info = await house.info();
  assertEquals(info.rdb_last_load_keys_loaded, "509");
  assertEquals(info.rdb_changes_since_last_save, "0");
});

Deno.test("keys that are due by the time of the start stay away", async () => {
  await using house = await openHouse({ save: HOUR });
  await house.call("DEBUG SET-ACTIVE-EXPIRE 0");
  await house.call("SET gone x PX 1");
  await house.call("SET stays x");
  await house.restart();
  assertEquals(await house.call("KEYS *"), ["stays"]);
  assertEquals((await house.info()).rdb_last_load_keys_expired, "1");
});

Deno.test("BGSAVE shows the moment at which it was asked for", async () => {
  await using house = await openHouse({ save: HOUR });
  await house.call("DEBUG POPULATE 20000 key 100");
  const digest = await house.call("DEBUG DIGEST");
  assertEquals(await house.call("BGSAVE"), "Background saving started");
  const writes = [];
  for (let i = 0; i < 2000; i++) writes.push(["APPEND", `key:${i * 10}`, "x"]);
  writes.push(["DEL", "key:19999"], ["SET", "new", "1"]);
  await house.client.pipeline(writes);
  await house.idle();
  const info = await house.info();
  assertEquals(info.rdb_last_bgsave_status, "ok");
  assertEquals(info.rdb_changes_since_last_save, "2002");
  assertEquals(info.rdb_saves, "1");
  house.client.close();
  await house.embedded.server.stop({ save: "nosave" });
  await house.open();
  assertEquals(await house.call("DEBUG DIGEST"), digest);
});

Deno.test("what is under way decides what may be begun", async () => {
  await using house = await openHouse({ save: HOUR });
  assertEquals(await house.say("BGSAVE SOON"), "ERR syntax error");
  assertEquals(await house.say("BGSAVE SCHEDULE x"), "ERR syntax error");
  await house.call("SET a 1");
  await house.call("CONFIG SET rdb-key-save-delay 30000");
  await house.call("BGSAVE");
  const running = "ERR Background save already in progress";
  for (const line of ["SAVE", "BGSAVE", "BGSAVE SCHEDULE"]) {
    assertEquals(await house.say(line), running);
  }
  const info = await house.info();
  assertEquals(info.rdb_bgsave_in_progress, "1");
  assertEquals(info.rdb_current_bgsave_time_sec, "0");
  assertEquals(info.current_save_keys_total, "1");
  assertEquals(
    await house.say("BGREWRITEAOF"),
    "Background append only file rewriting scheduled",
  );
  assertEquals((await house.info()).aof_rewrite_scheduled, "1");
  await house.idle();
  house.persistence.tick(Date.now());
  assertEquals((await house.info()).aof_rewrite_in_progress, "1");
  assertEquals(
    await house.say("BGREWRITEAOF"),
    "ERR Background append only file rewriting already in progress",
  );
  assertMatch(
    await house.say("BGSAVE"),
    /^ERR Another child process is active \(AOF\?\): can't BGSAVE right now\. /,
  );
  assertEquals(
    await house.say("BGSAVE SCHEDULE"),
    "Background saving scheduled",
  );
  await house.idle();
  house.persistence.tick(Date.now());
  assertEquals((await house.info()).rdb_bgsave_in_progress, "1");
  await house.call("CONFIG SET rdb-key-save-delay 0");
  await house.idle();
});

Deno.test("LASTSAVE tells when the last dump was written", async () => {
  await using house = await openHouse();
  house.persistence.saves.lastSavedMs = 77_999;
  assertEquals(await house.call("LASTSAVE"), 77);
  await house.call("SAVE");
  const seconds = Number(await house.call("LASTSAVE"));
  assert(Math.abs(seconds - Date.now() / 1000) < 5);
});

Deno.test("CONFIG SET dir and dbfilename move the dump", async () => {
  await using house = await openHouse({ "enable-protected-configs": "yes" });
  await Deno.mkdir(`${house.dir}/there`);
  await house.call(`CONFIG SET dir ${house.dir}/there dbfilename data.rdb`);
  await house.call("SAVE");
  assertEquals(house.names, ["there"]);
  assertEquals([...Deno.readDirSync(`${house.dir}/there`)].length, 1);
  assertEquals(Deno.statSync(`${house.dir}/there/data.rdb`).isFile, true);
});

Deno.test("FLUSHALL empties the dump too, where save points are set", async () => {
  await using house = await openHouse({ save: HOUR });
  await house.call("SET a 1");
  await house.call("SAVE");
  await house.call("CONFIG SET rdb-key-save-delay 10000000");
  await house.call("BGSAVE");
  await house.call("FLUSHALL");
  assert(!house.persistence.isSaving);
  await until("the temp file", () => house.names.length === 1);
  house.client.close();
  await house.embedded.server.stop({ save: "nosave" });
  await house.open();
  assertEquals(await house.call("DBSIZE"), 0);
});

// Save points.

Deno.test("a save point that is reached begins a dump", async () => {
  await using house = await openHouse({ save: "60 3" });
  const { persistence } = house;
  await house.call("DEBUG PAUSE-CRON 1");
  await house.call("MSET a 1 b 2");
  const nowMs = Date.now();
  persistence.tick(nowMs + 100_000);
  assert(!persistence.isSaving);
  await house.call("SET c 3");
  persistence.tick(nowMs + 50_000);
  assert(!persistence.isSaving);
  persistence.tick(nowMs + 62_000);
  assert(persistence.isSaving);
  await house.idle();
  assertEquals(house.names, ["dump.rdb"]);
  assertStringIncludes(
    house.embedded.log(),
    "* 3 changes in 60 seconds. Saving...\n",
  );
  await house.call("MSET a 1 b 2 c 3");
  await house.client.call("CONFIG", "SET", "save", "");
  persistence.tick(nowMs + 1e9);
  assert(!persistence.isSaving);
});

// Failures.

Deno.test("a dump that fails stops writes until one succeeds", async () => {
  await using house = await openHouse({ save: HOUR });
  await house.call("DEBUG PAUSE-CRON 1");
  await house.call("SET a 1");
  // Nobody, not even root, puts a file in the place of a directory.
  await Deno.mkdir(`${house.dir}/dump.rdb/x`, { recursive: true });
  assertEquals(await house.say("SAVE"), "ERR");
  assertEquals((await house.info()).rdb_last_bgsave_status, "ok");
  assertEquals(await house.say("SET a 2"), "OK");

  await house.call("BGSAVE");
  await house.idle();
  assertEquals((await house.info()).rdb_last_bgsave_status, "err");
  assertMatch(
    house.embedded.log(),
    /# Error moving temp DB file \S+ on the final destination \S+ \(in server root dir \S+\): Is a directory\n/,
  );
  assertStringIncludes(house.embedded.log(), "# Background saving error\n");
  const misconf =
    /^MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk\. /;
  for (const line of ["SET a 3", "PING", "FLUSHALL"]) {
    assertMatch(await house.say(line), misconf);
  }
  assertEquals(await house.say("GET a"), "2");
  assertEquals(house.names, ["dump.rdb"]);

  for (
    const [off, on] of [
      [["save", ""], ["save", HOUR]],
      [
        ["stop-writes-on-bgsave-error", "no"],
        ["stop-writes-on-bgsave-error", "yes"],
      ],
    ]
  ) {
    await house.client.call("CONFIG", "SET", ...off);
    assertEquals(await house.say("SET a 3"), "OK");
    await house.client.call("CONFIG", "SET", ...on);
    assertMatch(await house.say("SET a 4"), misconf);
  }

  await Deno.remove(`${house.dir}/dump.rdb`, { recursive: true });
  const { persistence } = house;
  persistence.tick(Date.now() + 4000);
  assert(!persistence.isSaving, "too soon after the failure");
  persistence.saves.lastSavedMs = 0;
  persistence.tick(Date.now() + 6000);
  await house.idle();
  assertEquals(await house.say("SET a 5"), "OK");
  assertEquals((await house.info()).rdb_last_bgsave_status, "ok");
});

Deno.test("a directory that is gone is told in Redis's words", async () => {
  await using house = await openHouse({ "enable-protected-configs": "yes" });
  await Deno.mkdir(`${house.dir}/gone`);
  await house.call(`CONFIG SET dir ${house.dir}/gone`);
  await Deno.remove(`${house.dir}/gone`);
  assertEquals(await house.say("SAVE"), "ERR");
  assertMatch(
    house.embedded.log(),
    /# Failed opening the temp RDB file \S+ \(in server root dir \S+\) for saving: No such file or directory\n/,
  );
});

Deno.test("a start removes what a save that died has left", async () => {
  const house = new House();
  Deno.writeTextFileSync(`${house.dir}/temp-1.rdb`, "half");
  await using _opened = await house.open();
  assertEquals(house.names, []);
  assertStringIncludes(house.embedded.log(), "* Removed temp-1.rdb: ");
});

Deno.test("a dump that is damaged stops the start, with where and what", async () => {
  const house = await openHouse();
  await fill(house);
  await house.call("SAVE");
  house.client.close();
  await house.embedded.server.stop();
  const path = `${house.dir}/dump.rdb`;
  const bytes = Deno.readFileSync(path);
  const whole = bytes.length;
  for (
    const [damage, expected] of [
      [() => bytes.subarray(0, whole - 4), "Unexpected EOF"],
      [() => bytes.with(whole - 100, bytes[whole - 100] ^ 1), "expected"],
      [
        () => new TextEncoder().encode("this is no dump"),
        "the signature REDIS",
      ],
    ] as const
  ) {
    Deno.writeFileSync(path, damage());
    const error = await assertRejects(() => embed(house.values), StartError);
    assertMatch(
      error.message,
      new RegExp(
        `^The dump ${path} cannot be loaded: [a-zA-Z ]+ at offset \\d+: `,
      ),
    );
    assertStringIncludes(error.message, expected);
    assertStringIncludes(error.message, `main.ts check-rdb ${path}`);
  }
  Deno.removeSync(path);
  Deno.mkdirSync(path);
  await assertRejects(() => embed(house.values), StartError, "cannot be read");
  Deno.removeSync(house.dir, { recursive: true });
});

// The end.

Deno.test("SHUTDOWN saves where save points are set, or as it is told", async () => {
  for (
    const [save, words, isSaved] of [
      [HOUR, "", true],
      [HOUR, " NOSAVE", false],
      ["", "", false],
      ["", " SAVE", true],
      ["", " NOW SAVE", true],
    ] as const
  ) {
    await using house = await openHouse({ save });
    await house.call("SET a 1");
    await house.client.send("SHUTDOWN", ...words.split(" ").slice(1));
    await house.client.ended();
    await house.embedded.server.stopped;
    assertEquals(house.names, isSaved ? ["dump.rdb"] : [], save + words);
  }
});

Deno.test("the end is refused when the data cannot be saved", async () => {
  await using house = await openHouse({ save: HOUR });
  await house.call("SET a 1");
  await Deno.mkdir(`${house.dir}/dump.rdb/x`, { recursive: true });
  const refused = "ERR Errors trying to SHUTDOWN. Check logs.";
  assertEquals(await house.say("SHUTDOWN"), refused);
  assertEquals(await house.say("SHUTDOWN SAVE NOW"), refused);
  assertEquals(await house.say("INCR a"), "2");
  const { server } = house.embedded;
  await assertRejects(() => server.stop(), Error, "cannot be saved");
  server.signalled("SIGTERM");
  const log = () => house.embedded.log().split("# Errors trying to shut down ");
  await until("the signal to be refused", () => log().length === 5);
  assertMatch(log()[0], /# Error trying to save the DB, can't exit\.\n/);
  assertEquals(await house.say("INCR a"), "3");
  await house.client.send("SHUTDOWN", "FORCE");
  await house.client.ended();
  assertMatch(house.embedded.log(), /# Error trying to save the DB\. Exit any/);
});

Deno.test("nobody is served while the last dump is written", async () => {
  await using house = await openHouse({
    save: HOUR,
    "rdb-key-save-delay": "50000",
  });
  await house.call("SET a 1");
  await Deno.mkdir(`${house.dir}/dump.rdb/x`, { recursive: true });
  using other = await connect(house.embedded.port);
  // From now on the engine executes its commands without being asked twice.
  await other.call("INCR", "a");
  const { clients, engine } = house.embedded.server;
  const refused = house.say("SHUTDOWN");
  await until("the dump", () => house.persistence.isSaving);
  const changes = engine.calls.statChanges();
  const reads = clients.readsProcessed;
  const late = other.call("INCR", "a");
  await until("the bytes", () => clients.readsProcessed > reads);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(house.persistence.isSaving, true);
  assertEquals(engine.calls.statChanges(), changes);
  // It is executed afterwards, since the server goes on.
  assertEquals(await refused, "ERR Errors trying to SHUTDOWN. Check logs.");
  assertEquals(await late, 3);
});

Deno.test("a signal can be taken back, or repeated by who insists", async () => {
  await using house = await openHouse({ save: HOUR });
  const { server } = house.embedded;
  assertEquals(
    await house.say("SHUTDOWN ABORT"),
    "ERR No shutdown in progress.",
  );
  await house.call("DEBUG PAUSE-CRON 1");
  server.signalled("SIGTERM");
  assertEquals(await house.say("SHUTDOWN ABORT"), "OK");
  assertStringIncludes(
    house.embedded.log(),
    "* Shutdown manually aborted.\n",
  );
  await house.call("SET a 1");
  await house.call("CONFIG SET rdb-key-save-delay 10000000");
  await house.call("DEBUG PAUSE-CRON 0");
  server.signalled("SIGINT");
  await until("the dump", () => house.names.length > 0);
  server.signalled("SIGINT");
  await server.stopped;
  assertEquals(server.exitCode, 1);
  assertEquals(house.names, []);
  assertStringIncludes(
    house.embedded.log(),
    "# You insist... exiting now.\n",
  );
});

Deno.test("the end kills a dump that is under way", async () => {
  await using house = await openHouse({ "rdb-key-save-delay": "10000000" });
  await house.call("MSET a 1 b 2");
  await house.call("BGSAVE");
  await until("the temp file", () => house.names.length === 1);
  await house.client.send("SHUTDOWN", "NOSAVE");
  await house.client.ended();
  await house.embedded.server.stopped;
  assertEquals(house.names, []);
  assertStringIncludes(
    house.embedded.log(),
    "# There is a child saving an .rdb. Killing it!\n",
  );
});
