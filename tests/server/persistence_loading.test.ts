/** What a server is while it reads its files, and what it keeps in a log. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { LoadProgress } from "../../src/persistence/load_progress.ts";
import { Config } from "../../src/server/config/config.ts";
import { StartError } from "../../src/server/config/errors.ts";
import { Log } from "../../src/server/log.ts";
import { barText, ProgressBar } from "../../src/server/progress_bar.ts";
import { Server } from "../../src/server/server.ts";
import { connect } from "../support/client.ts";
import { freePort } from "../support/launch.ts";
import { embed, until } from "./embedded.ts";
import { fill, type House, openHouse } from "./house.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** Saves what it has, ends, and begins to load it so slowly as to be watched. */
async function reopenSlowly(house: House): Promise<Server> {
  await house.call("DEBUG POPULATE 2000 key 100");
  await house.call("SAVE");
  house.client.close();
  await house.embedded.server.stop();
  const port = freePort();
  const config = Config.from({
    ...house.values,
    bind: "127.0.0.1",
    port,
    save: "",
    "enable-protected-configs": "yes",
    "key-load-delay": "1000000",
    "loading-process-events-interval-bytes": 1024,
  });
  const server = new Server(config, { log: new Log(() => {}) });
  const started = server.start();
  house.embedded = {
    server,
    port,
    log: () => "",
    [Symbol.asyncDispose]: () => server.stop({ save: "nosave" }),
  };
  await until("the loading", () => server.persistence.isLoading);
  house.client = await connect(port);
  started.catch(() => {});
  return server;
}

Deno.test("clients are told of the loading until it is done", async () => {
  await using house = await openHouse();
  const server = await reopenSlowly(house);
  const loading = "LOADING Redis is loading the dataset in memory";
  for (const line of ["PING", "GET key:1", "SET a 1", "SAVE", "DBSIZE"]) {
    assertEquals(await house.say(line), loading);
  }
  assertEquals(await house.say("CONFIG SET loglevel debug"), "OK");
  assertEquals(await house.say("CONFIG SET dir /tmp"), loading);
  assertEquals(await house.say("CONFIG SET appendonly yes"), loading);
  assertEquals(
    await house.say("LASTSAVE"),
    String(
      Math.floor(server.persistence.lastSavedMs / 1000),
    ),
  );
  const { size } = Deno.statSync(`${house.dir}/dump.rdb`);
  await until("the first keys", async () => {
    const info = await house.info();
    return Number(info.loading_loaded_bytes) > 100;
  });
  const info = await house.info();
  assertEquals(info.loading, "1");
  assertEquals(info.async_loading, "0");
  assertEquals(info.loading_total_bytes, String(size));
  assert(Number(info.loading_rdb_used_mem) > 0);
  const done = Number(info.loading_loaded_bytes);
  assert(done > 0 && done < size);
  assertEquals(info.loading_loaded_perc, (done / size * 100).toFixed(2));
  assert(Number(info.loading_eta_seconds) > 0);
  assert(Math.abs(Number(info.loading_start_time) - Date.now() / 1000) < 30);

  await house.call("CONFIG SET key-load-delay 0");
  await until("its end", async () => await house.say("PING") === "PONG");
  assertEquals(await house.call("DBSIZE"), 2000);
  const after = await house.info();
  assertEquals(after.loading, "0");
  assertEquals(after.loading_total_bytes, undefined);
});

Deno.test("whoever ends the server while it loads keeps the old dump", async () => {
  await using house = await openHouse({ save: "3600 1" });
  const server = await reopenSlowly(house);
  const before = Deno.readFileSync(`${house.dir}/dump.rdb`);
  await house.client.send("SHUTDOWN", "SAVE");
  await house.client.ended();
  await server.stopped;
  assertEquals(Deno.readFileSync(`${house.dir}/dump.rdb`), before);
  assertEquals(house.names, ["dump.rdb"]);
});

Deno.test("nothing half there is saved when the end comes within DEBUG RELOAD", async () => {
  await using house = await openHouse({ save: "3600 1" });
  await fill(house);
  await house.call("SAVE");
  const before = Deno.readFileSync(`${house.dir}/dump.rdb`);
  await house.call("CONFIG SET key-load-delay 1000000");
  await house.client.send("DEBUG", "RELOAD", "NOSAVE");
  await until("the loading", () => house.persistence.isLoading);
  await house.embedded.server.stop({ save: "save" });
  assertEquals(Deno.readFileSync(`${house.dir}/dump.rdb`), before);
});

Deno.test("a terminal shows a bar, but not for what is done at once", () => {
  let shown = "";
  const bar = new ProgressBar({ write: (text) => shown += text });
  const progress = new LoadProgress(2 ** 21);
  bar.show(progress, progress.startedMs + 400);
  bar.clear();
  assertEquals(shown, "");
  progress.loadedBytes = 2 ** 20;
  bar.show(progress, progress.startedMs + 4000);
  const clear = "\r\x1b[K";
  assert(shown.startsWith(`${clear}Loading [####`));
  assertStringIncludes(shown, "####....................] 50% 1.0 of 2.0 MB, ");
  shown = "";
  bar.clear();
  bar.clear();
  assertEquals(shown, clear);
  assertEquals(
    barText(new LoadProgress(0), 0),
    `Loading [${".".repeat(40)}] 0% 0.0 of 0.0 MB, 1 s to go`,
  );
});

// The log.

Deno.test("with appendonly a restart brings back every write", async () => {
  for (const appendfsync of ["always", "everysec", "no"] as const) {
    await using house = await openHouse({ appendonly: true, appendfsync });
    await fill(house);
    const digest = await house.call("DEBUG DIGEST");
    assertEquals((await house.info()).aof_enabled, "1");
    await house.restart();
    assertEquals(await house.call("DEBUG DIGEST"), digest);
    assertMatch(
      house.embedded.log(),
      /\* DB loaded from append only file: \d\.\d{3} seconds\n/,
    );
    assertEquals((await house.info()).rdb_changes_since_last_save, "0");
  }
});

Deno.test("a reply to a write means that it is on disk, with always", async () => {
  await using house = await openHouse({
    appendonly: true,
    appendfsync: "always",
  });
  await house.call("SET a value");
  // What the server has in memory only would not be there.
  const dir = `${house.dir}/appendonlydir`;
  const [log] = [...Deno.readDirSync(dir)].map(({ name }) => name)
    .filter((name) => name.endsWith(".incr.aof"));
  assertMatch(
    Deno.readTextFileSync(`${dir}/${log}`),
    /\r\nSET\r\n.*value\r\n$/s,
  );
});

Deno.test("CONFIG SET switches the log on and off while the server runs", async () => {
  await using house = await openHouse();
  await fill(house);
  await house.call("CONFIG SET appendonly yes");
  await house.call("SET during 1");
  await house.idle();
  await house.call("SET after 1");
  const digest = await house.call("DEBUG DIGEST");
  assertEquals((await house.info()).aof_last_bgrewrite_status, "ok");
  await house.restart({ appendonly: true });
  assertEquals(await house.call("DEBUG DIGEST"), digest);
  await house.call("CONFIG SET appendonly no");
  assertEquals((await house.info()).aof_enabled, "0");
  assertEquals((await house.info()).aof_current_size, undefined);
  await house.call("SET unlogged 1");
  await house.restart({ appendonly: true });
  assertEquals(await house.call("DEBUG DIGEST"), digest);
});

Deno.test("a log that is damaged stops the start", async () => {
  await using house = await openHouse({ appendonly: true });
  await house.call("SET a 1");
  house.client.close();
  await house.embedded.server.stop();
  const path = `${house.dir}/appendonlydir/appendonly.aof.1.incr.aof`;
  const text = Deno.readTextFileSync(path);
  Deno.writeTextFileSync(path, text.replace("*3", "*x"));
  await assertRejects(
    () => embed(house.values),
    StartError,
    "Bad file format reading the append only file",
  );
  Deno.writeTextFileSync(path, text);
  await house.open();
  assertEquals(await house.call("GET a"), "1");
});

Deno.test("DEBUG RELOAD and LOADAOF bring back the same data", async () => {
  await using house = await openHouse({ appendonly: true, save: "3600 1" });
  await fill(house);
  const digest = await house.call("DEBUG DIGEST");
  assertEquals(await house.say("DEBUG RELOAD"), "OK");
  assertEquals(await house.call("DEBUG DIGEST"), digest);
  assertEquals(await house.say("DEBUG LOADAOF"), "OK");
  assertEquals(await house.call("DEBUG DIGEST"), digest);
  await house.call("SET more 1");
  assertEquals((await house.info()).rdb_changes_since_last_save, "1");
  assertEquals(await house.say("DEBUG RELOAD NOSAVE"), "OK");
  assertEquals(await house.call("DEBUG DIGEST"), digest);
  Deno.writeTextFileSync(`${house.dir}/dump.rdb`, "REDIS0009");
  assertEquals(
    await house.say("DEBUG RELOAD NOSAVE"),
    "ERR Error trying to load the RDB dump, check server logs.",
  );
  assertEquals(await house.say("PING"), "PONG");
});
