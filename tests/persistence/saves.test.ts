/** When dumps are written, and what is known of them, without any data. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { PersistenceHost } from "../../src/persistence/host.ts";
import { type Image, Saves } from "../../src/persistence/saves.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** A server of which only numbers are known, and a dump of a few letters. */
class Fixture implements Disposable {
  readonly dir = Deno.makeTempDirSync({ prefix: "keysaur-" });
  readonly logged: string[] = [];
  readonly saves: Saves;
  changes = 0;
  points = [{ seconds: 60, changes: 3 }];
  name = "dump.rdb";
  health = 0;
  /** Holds a background save until it is resolved. */
  gate = Promise.resolve();
  imageError: Error | null = null;

  constructor() {
    // Only what dumps ask for.
    const host = {
      engine: { calls: { statChanges: () => this.changes } },
      settings: {
        get: (name: string) =>
          name === "save"
            ? this.points
            : name === "dbfilename"
            ? this.name
            : true,
        pathInDir: (path: string) => `${this.dir}/${path}`,
      },
      log: (level: string, text: string) =>
        this.logged.push(`${level} ${text}`),
      healthChanged: () => this.health++,
    } as unknown as PersistenceHost;
    this.saves = new Saves(host, () => this.#image());
  }

  #image(): Image {
    if (this.imageError !== null) throw this.imageError;
    const text = new TextEncoder().encode(`changes ${this.changes}`);
    let isAborted = false;
    return {
      keysDone: 0,
      keysTotal: 1,
      runSync: (write) => write(text),
      run: async (write) => {
        await this.gate;
        if (isAborted) throw new Error("aborted");
        await write(text);
      },
      abort: () => isAborted = true,
    };
  }

  get dump(): string | null {
    try {
      return Deno.readTextFileSync(`${this.dir}/dump.rdb`);
    } catch {
      return null;
    }
  }

  get names(): string[] {
    return [...Deno.readDirSync(this.dir)].map(({ name }) => name);
  }

  async ended(): Promise<void> {
    while (this.saves.isRunning) await new Promise((go) => setTimeout(go, 1));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.dir, { recursive: true });
  }
}

Deno.test("SAVE writes a dump and forgets the changes before it", () => {
  using f = new Fixture();
  f.changes = 5;
  assertEquals(f.saves.unsavedChanges, 5);
  assert(f.saves.saveNow());
  assertEquals(f.dump, "changes 5");
  assertEquals(f.saves.unsavedChanges, 0);
  assertEquals(f.logged, ["notice DB saved on disk"]);
  assertEquals(f.saves.count, 1);
});

Deno.test("changes while a dump is written in the background are not saved", async () => {
  using f = new Fixture();
  const gate = Promise.withResolvers<void>();
  f.gate = gate.promise;
  f.changes = 5;
  assert(f.saves.begin());
  assert(f.saves.isRunning);
  f.changes = 7;
  gate.resolve();
  await f.ended();
  assertEquals(f.dump, "changes 5");
  assertEquals(f.saves.unsavedChanges, 2);
  assertEquals(f.saves.lastSeconds, 0);
  assertEquals(f.logged, [
    `notice Background saving started by pid ${Deno.pid}`,
    "notice DB saved on disk",
    "notice Background saving terminated with success",
  ]);
});

Deno.test("a save point needs the changes and more than the seconds", () => {
  using f = new Fixture();
  f.points = [{ seconds: 60, changes: 3 }, { seconds: 5, changes: 10 }];
  const savedMs = f.saves.lastSavedMs = 1_000_999;
  f.changes = 3;
  assert(!f.saves.isDue(savedMs + 59_000));
  assert(!f.saves.isDue(savedMs + 60_000));
  assert(f.saves.isDue(savedMs + 61_000));
  assertEquals(f.logged, ["notice 3 changes in 60 seconds. Saving..."]);
  f.changes = 2;
  assert(!f.saves.isDue(savedMs + 61_000));
  f.changes = 10;
  assert(!f.saves.isDue(savedMs + 5000));
  assert(f.saves.isDue(savedMs + 6000));
  f.points = [];
  assert(!f.saves.isDue(savedMs + 1e9));
});

Deno.test("after a failure save points wait, and a success heals", async () => {
  using f = new Fixture();
  f.changes = 100;
  f.name = "missing/dump.rdb";
  f.saves.lastSavedMs = 0;
  const beganMs = Date.now();
  f.saves.begin();
  await f.ended();
  await Promise.resolve();
  assertEquals([f.saves.isHealthy, f.health], [false, 1]);
  assertMatch(f.logged[1], /^warning Failed opening the temp RDB file /);
  assertEquals(f.logged[2], "warning Background saving error");
  assertEquals(f.saves.unsavedChanges, 100);
  assert(!f.saves.isDue(beganMs + 4900));
  assert(f.saves.isDue(Date.now() + 5001));
  f.name = "dump.rdb";
  f.saves.begin();
  await f.ended();
  assertEquals([f.saves.isHealthy, f.health], [true, 2]);
  assertEquals(f.saves.unsavedChanges, 0);
});

Deno.test("a failed SAVE keeps the old dump and says nothing of health", () => {
  using f = new Fixture();
  f.saves.saveNow();
  f.changes = 4;
  f.imageError = new Error("no memory");
  assert(!f.saves.saveNow());
  assertEquals([f.dump, f.saves.isHealthy], ["changes 0", true]);
  assertEquals(f.names, ["dump.rdb"]);
  assertEquals(f.saves.unsavedChanges, 4);
  assert(!f.saves.begin());
  assert(!f.saves.isHealthy);
});

Deno.test("a save that is killed leaves nothing, and is no failure", async () => {
  using f = new Fixture();
  const gate = Promise.withResolvers<void>();
  f.gate = gate.promise;
  f.changes = 4;
  f.saves.begin();
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(f.names, [`temp-${Deno.pid}.rdb`]);
  const killed = f.saves.kill();
  assert(!f.saves.isRunning);
  // What comes next does not wait for the end of what was killed.
  f.gate = Promise.resolve();
  f.saves.begin();
  gate.resolve();
  await killed;
  assert(f.saves.isRunning);
  await f.ended();
  assertEquals(f.dump, "changes 4");
  assertEquals(f.names, ["dump.rdb"]);
  assert(f.saves.isHealthy);
});

Deno.test("the last save of all is told apart from background saves", async () => {
  using f = new Fixture();
  f.changes = 9;
  assert(await f.saves.saveFinally());
  assertEquals(f.dump, "changes 9");
  assertEquals(f.logged, ["notice DB saved on disk"]);
  f.name = "missing/dump.rdb";
  assert(!await f.saves.saveFinally());
  assertEquals(f.saves.isHealthy, true);
});
