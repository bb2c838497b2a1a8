/** Rewrites of the append-only file, and switching it on and off. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { AppendOnlyFile } from "../../../src/persistence/aof/append_only_file.ts";
import type {
  AofHost,
  BaseSnapshot,
  LogLevel,
} from "../../../src/persistence/aof/faces.ts";
import { bytesOf } from "../../dispatch/harness.ts";
import { FakeLog } from "./faulty_file.ts";
import { LogDir } from "./log_dir.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** A log whose effects and snapshots are a test's words. */
class Fixture implements AsyncDisposable {
  readonly dir = new LogDir();
  readonly effects = new FakeLog();
  readonly lines: string[] = [];
  readonly aof: AppendOnlyFile;
  nowMs = 1_700_000_000_000;
  /** What the next snapshot contains. */
  data = "DATA";
  /** Holds bases until it is resolved. */
  gate: Promise<void> = Promise.resolve();
  failure: Error | null = null;
  isSaving = false;
  snapshotCount = 0;
  openSnapshots = 0;
  settings = {
    dir: this.dir.path,
    fileName: "appendonly.aof",
    directoryName: "appendonlydir",
    syncPolicy: "everysec" as const,
    restsSyncOnRewrite: false,
    rewritePercentage: 100,
    rewriteMinBytes: 2 ** 20,
    loadsTruncated: true,
    usesRdbBase: true,
    stampsTime: false,
    syncsRewriteInParts: true,
    keepsHistory: false,
  };

  constructor() {
    const host: AofHost = {
      settings: this.settings,
      effects: this.effects,
      log: (_level: LogLevel, text: string) => void this.lines.push(text),
      now: () => this.nowMs,
      beginSnapshot: () => this.#snapshot(),
      loadRdb: () => Promise.reject(new Error("not here")),
      replay: () => {
        throw new Error("not here");
      },
      loadBegins() {},
      loadProgress() {},
      loadEnds() {},
      isSaving: () => this.isSaving,
      safe() {},
      writeErrorChanged() {},
      took() {},
    };
    this.aof = new AppendOnlyFile(host);
  }

  #snapshot(): BaseSnapshot {
    this.snapshotCount++;
    this.openSnapshots++;
    const bytes = bytesOf(this.data);
    let isAborted = false;
    return {
      runSync: (write) => write(bytes),
      run: async (write) => {
        await this.gate;
        if (isAborted) throw new Error("aborted");
        if (this.failure !== null) throw this.failure;
        await write(bytes);
      },
      abort: () => {
        if (!isAborted) this.openSnapshots--;
        isAborted = true;
      },
    };
  }

  /** An effect, written as at the end of a turn. */
  write(text: string): void {
    this.effects.add(text);
    this.aof.beforeReplies();
  }

  async rewritten(): Promise<void> {
    while (this.aof.isRewriting) await wait();
  }

  info(name: string): string | number | undefined {
    return new Map(this.aof.info()).get(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.aof.stop();
    this.dir[Symbol.dispose]();
  }
}

const wait = () => new Promise((resolve) => setTimeout(resolve, 0));
const line = (name: string, number: number, type: string) =>
  `file appendonly.aof.${number}.${name} seq ${number} type ${type}\n`;

/** Resolves when a test lets it. */
const latch = () => Promise.withResolvers<void>();

Deno.test("a rewrite divides effects at the snapshot's moment", async () => {
  await using fixture = new Fixture();
  const { aof, dir } = fixture;
  await aof.open();
  fixture.write("one;");
  fixture.effects.add("two;");
  const { promise, resolve } = latch();
  fixture.gate = promise;
  assertEquals(aof.rewrite(), "started");
  assertEquals(aof.rewrite(), "running");
  while (fixture.snapshotCount < 2) await wait();
  fixture.write("three;");
  assertEquals(dir.read("appendonly.aof.1.incr.aof"), "one;two;");
  assertEquals(dir.read("appendonly.aof.2.incr.aof"), "three;");
  assertEquals(
    dir.manifestText,
    line("base.rdb", 1, "b") + line("incr.aof", 1, "i") +
      line("incr.aof", 2, "i"),
    "valid while the base is written",
  );
  assertEquals(fixture.effects.selects, 2);
  resolve();
  await fixture.rewritten();
  fixture.write("four;");
  assertEquals(dir.read("appendonly.aof.2.base.rdb"), "DATA");
  assertEquals(dir.read("appendonly.aof.2.incr.aof"), "three;four;");
  assertEquals(
    dir.manifestText,
    line("base.rdb", 2, "b") + line("incr.aof", 2, "i"),
  );
  assertEquals(dir.names.length, 3, "the old files are gone");
  assertEquals(aof.currentBytes, 4 + 11);
  assertEquals(fixture.info("aof_base_size"), 4 + 6);
});

Deno.test("a rewrite that fails leaves the old files valid", async () => {
  await using fixture = new Fixture();
  const { aof, dir } = fixture;
  await aof.open();
  fixture.write("one;");
  fixture.failure = new Error("No space left on device (os error 28)");
  for (let i = 0; i < 2; i++) {
    assertEquals(aof.rewrite(), "started");
    await fixture.rewritten();
  }
  fixture.write("two;");
  assertEquals(
    dir.manifestText,
    line("base.rdb", 1, "b") + line("incr.aof", 1, "i") +
      line("incr.aof", 2, "i") + line("incr.aof", 3, "i"),
  );
  assertEquals(dir.read("appendonly.aof.3.incr.aof"), "two;");
  assertEquals(fixture.info("aof_last_bgrewrite_status"), "err");
  assertEquals(fixture.info("aof_rewrites_consecutive_failures"), 2);
  assert(
    fixture.lines.includes(
      "Write error writing append only file on disk: No space left on device",
    ),
  );
  assertEquals(
    [...Deno.readDirSync(dir.path)].map(({ name }) => name),
    ["appendonlydir"],
    "no temporary file stays",
  );
  fixture.failure = null;
  aof.rewrite();
  await fixture.rewritten();
  assertEquals(
    dir.manifestText,
    line("base.rdb", 2, "b") + line("incr.aof", 4, "i"),
  );
  assertEquals(fixture.info("aof_last_bgrewrite_status"), "ok");
  assertEquals(fixture.openSnapshots, 0);
});

Deno.test("switched on, it counts only when the first base is there", async () => {
  await using fixture = new Fixture();
  const { aof, dir } = fixture;
  const { promise, resolve } = latch();
  fixture.gate = promise;
  fixture.failure = new Error("Input/output error (os error 5)");
  assert(aof.enable());
  assertEquals([aof.state, fixture.effects.isOn], ["waiting", true]);
  fixture.write("lost;");
  assertEquals(dir.names, ["temp-appendonly.aof.incr"]);
  resolve();
  await fixture.rewritten();
  assertEquals([aof.state, fixture.effects.isOn], ["waiting", false]);
  await wait();
  assertEquals(dir.names, []);
  assertEquals(
    fixture.lines.at(-1),
    "Removing the temp incr aof file temp-appendonly.aof.incr in the background",
  );
  assertEquals(fixture.info("aof_rewrite_scheduled"), 1);
  fixture.failure = null;
  aof.tick();
  assert(aof.isRewriting);
  fixture.write("kept;");
  await fixture.rewritten();
  assertEquals([aof.state, fixture.info("aof_rewrite_scheduled")], ["on", 0]);
  assertEquals(
    dir.manifestText,
    line("base.rdb", 1, "b") + line("incr.aof", 1, "i"),
  );
  assertEquals(dir.read("appendonly.aof.1.incr.aof"), "kept;");
  fixture.write("more;");
  assertEquals(dir.read("appendonly.aof.1.incr.aof"), "kept;more;");
});

Deno.test("switched off in the middle of a rewrite, nothing is left of that", async () => {
  await using fixture = new Fixture();
  const { aof, dir } = fixture;
  await aof.open();
  fixture.effects.add("one;");
  const { promise, resolve } = latch();
  fixture.gate = promise;
  aof.rewrite();
  while (fixture.snapshotCount < 2) await wait();
  fixture.write("two;");
  fixture.effects.add("three;");
  aof.disable();
  assertEquals([aof.state, aof.isRewriting], ["off", false]);
  assertMatch(
    fixture.lines.at(-1)!,
    /^Killing running AOF rewrite child: \d+$/,
  );
  resolve();
  await wait();
  await wait();
  assertEquals(dir.read("appendonly.aof.2.incr.aof"), "two;three;");
  assertEquals(fixture.openSnapshots, 0);
  fixture.effects.disable();
  // And on again.
  fixture.gate = Promise.resolve();
  aof.enable();
  fixture.write("four;");
  await fixture.rewritten();
  assertEquals(
    dir.manifestText,
    line("base.rdb", 2, "b") + line("incr.aof", 3, "i"),
  );
  assertEquals(dir.read("appendonly.aof.3.incr.aof"), "four;");
});

Deno.test("switched off while it was never on, the temporary file goes", async () => {
  await using fixture = new Fixture();
  const { promise, resolve } = latch();
  fixture.gate = promise;
  fixture.aof.enable();
  fixture.write("one;");
  fixture.aof.disable();
  assertEquals(fixture.dir.names, []);
  resolve();
  await wait();
  assertEquals(fixture.dir.names, []);
});

Deno.test("a rewrite while it is off makes a base and no increment", async () => {
  await using fixture = new Fixture();
  const { aof, dir } = fixture;
  await aof.open();
  aof.disable();
  fixture.settings.usesRdbBase = false;
  fixture.settings.stampsTime = true;
  aof.rewrite();
  await fixture.rewritten();
  assertEquals(dir.manifestText, line("base.aof", 2, "b"));
  assertEquals(
    dir.read("appendonly.aof.2.base.aof"),
    "#TS:1700000000\r\nDATA",
  );
});

Deno.test("a dump under way puts rewrites off, also the first", async () => {
  await using fixture = new Fixture();
  const { aof } = fixture;
  fixture.isSaving = true;
  assert(aof.enable());
  assertEquals(aof.rewrite(), "scheduled");
  aof.tick();
  assertEquals([aof.isRewriting, fixture.effects.isOn], [false, false]);
  fixture.isSaving = false;
  aof.tick();
  await fixture.rewritten();
  assertEquals(aof.state, "on");
});

Deno.test("it is rewritten when it has grown by so many percent", async () => {
  await using fixture = new Fixture();
  const { aof, settings } = fixture;
  settings.rewriteMinBytes = 10;
  await aof.open();
  aof.rewrite();
  await fixture.rewritten();
  const tick = () => {
    aof.tick();
    return aof.isRewriting;
  };
  fixture.write("123");
  assertEquals(tick(), false, "175 %, but no more than 10 bytes");
  settings.rewriteMinBytes = 5;
  assertEquals(tick(), false, "less than twice the base");
  fixture.write("4");
  settings.rewritePercentage = 0;
  assertEquals(tick(), false, "switched off");
  settings.rewritePercentage = 100;
  assertEquals(tick(), true);
  assert(
    fixture.lines.includes(
      "Starting automatic rewriting of AOF on 100% growth",
    ),
  );
  await fixture.rewritten();
  assertEquals(tick(), false);
});

Deno.test("after three failures in a row the next tries wait", async () => {
  await using fixture = new Fixture();
  const { aof, settings } = fixture;
  settings.rewriteMinBytes = 0;
  await aof.open();
  fixture.write("grown");
  fixture.failure = new Error("no");
  const minutes = 60_000;
  const failsNow = async () => {
    aof.tick();
    const began = aof.isRewriting;
    await fixture.rewritten();
    return began;
  };
  for (let i = 0; i < 3; i++) assertEquals(await failsNow(), true);
  for (const delay of [1, 2, 4, 8, 16, 32, 60, 60]) {
    assertEquals(await failsNow(), false);
    assertEquals(
      fixture.lines.at(-1),
      "Background AOF rewrite has repeatedly failed and triggered the limit, " +
        `will retry in ${delay} minutes`,
    );
    fixture.nowMs += delay * minutes - 1;
    assertEquals(await failsNow(), false);
    fixture.nowMs += 1;
    assertEquals(await failsNow(), true);
  }
  // By hand it begins at once.
  assertEquals(aof.rewrite(), "started");
  await fixture.rewritten();
});

Deno.test("files of the past stay as long as they are to", async () => {
  await using fixture = new Fixture();
  const { aof, dir, settings } = fixture;
  settings.keepsHistory = true;
  await aof.open();
  for (let i = 0; i < 2; i++) {
    aof.rewrite();
    await fixture.rewritten();
  }
  assertEquals(
    dir.manifestText,
    line("base.rdb", 3, "b") + line("incr.aof", 2, "h") +
      line("base.rdb", 2, "h") + line("incr.aof", 1, "h") +
      line("base.rdb", 1, "h") + line("incr.aof", 3, "i"),
  );
  assertEquals(dir.names.length, 7);
  await aof.removeHistory();
  assertEquals(
    dir.manifestText,
    line("base.rdb", 3, "b") + line("incr.aof", 3, "i"),
  );
  assertEquals(dir.names.length, 3);
});

Deno.test("what cannot be created is an answer, not an end", async () => {
  await using fixture = new Fixture();
  const { aof, dir } = fixture;
  dir.writeOutside("appendonlydir", "a file where a directory should be");
  assertEquals(aof.enable(), false);
  assertEquals([aof.state, aof.rewrite()], ["off", "failed"]);
  assertMatch(fixture.lines[0], /^Can't open or create append-only dir /);
});
