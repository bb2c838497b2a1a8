/** Dumps on their way to disk: whole or not at all. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  DumpFailure,
  DumpFile,
  removeLeftovers,
} from "../../src/persistence/dump_file.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const isWindows = Deno.build.os === "windows";

function withDirectory(test: (dir: string) => Promise<void> | void) {
  return async () => {
    const dir = await Deno.makeTempDir({ prefix: "keysaur-" });
    try {
      await test(dir);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  };
}

function names(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
}

const bytes = (text: string) => new TextEncoder().encode(text);
const TEMP = `temp-${Deno.pid}.rdb`;

Deno.test(
  "a dump takes the place of the old one when it is whole",
  withDirectory(async (dir) => {
    const path = `${dir}/dump.rdb`;
    await Deno.writeTextFile(path, "old");
    const target = { path, syncsAsItGrows: true };
    const file = DumpFile.open(target);
    await file.write(bytes("ne"));
    assertEquals(names(dir), ["dump.rdb", TEMP]);
    assertEquals(await Deno.readTextFile(path), "old");
    await file.write(bytes("w"));
    await file.finish();
    file.discard();
    assertEquals(names(dir), ["dump.rdb"]);
    assertEquals(await Deno.readTextFile(path), "new");

    const next = DumpFile.open(target);
    next.writeSync(bytes("newest"));
    next.finishSync();
    assertEquals(await Deno.readTextFile(path), "newest");
  }),
);

Deno.test(
  "a dump that is not wanted any more takes no place",
  withDirectory(async (dir) => {
    const path = `${dir}/dump.rdb`;
    await Deno.writeTextFile(path, "newer");
    const file = DumpFile.open({ path, syncsAsItGrows: false });
    await file.write(bytes("older"));
    assertEquals(await file.finish(() => false), false);
    file.discard();
    assertEquals(names(dir), ["dump.rdb"]);
    assertEquals(await Deno.readTextFile(path), "newer");
  }),
);

Deno.test(
  "a dump that is given up leaves the old one",
  withDirectory(async (dir) => {
    const path = `${dir}/dump.rdb`;
    await Deno.writeTextFile(path, "old");
    const file = DumpFile.open({ path, syncsAsItGrows: false });
    await file.write(bytes("half"));
    file.discard();
    file.discard();
    assertEquals(names(dir), ["dump.rdb"]);
    assertEquals(await Deno.readTextFile(path), "old");
  }),
);

Deno.test(
  "two dumps into one directory do not meet",
  withDirectory(async (dir) => {
    const one = DumpFile.open({ path: `${dir}/a.rdb`, syncsAsItGrows: false });
    const two = DumpFile.open({ path: `${dir}/b.rdb`, syncsAsItGrows: false });
    one.writeSync(bytes("1"));
    two.writeSync(bytes("2"));
    two.finishSync();
    one.finishSync();
    assertEquals(names(dir), ["a.rdb", "b.rdb"]);
    assertEquals(await Deno.readTextFile(`${dir}/a.rdb`), "1");
    assertEquals(await Deno.readTextFile(`${dir}/b.rdb`), "2");
  }),
);

Deno.test({
  name: "what is in the way of a dump is told in Redis's words",
  ignore: isWindows,
  fn: withDirectory(async (dir) => {
    const target = (path: string) => ({ path, syncsAsItGrows: false });
    assertThrows(
      () => DumpFile.open(target(`${dir}/missing/dump.rdb`)),
      DumpFailure,
      `(in server root dir ${dir}/missing) for saving: ` +
        "No such file or directory",
    );
    // A directory of that name can be replaced by nobody, not even by root.
    await Deno.mkdir(`${dir}/dump.rdb/x`, { recursive: true });
    const file = DumpFile.open(target(`${dir}/dump.rdb`));
    await file.write(bytes("data"));
    await assertRejects(
      () => file.finish(),
      DumpFailure,
      `Error moving temp DB file ${dir}/${TEMP} on the final destination ` +
        `${dir}/dump.rdb (in server root dir ${dir}): Is a directory`,
    );
    file.discard();
    assertEquals(names(dir), ["dump.rdb"]);
  }),
});

Deno.test(
  "temp files that nobody writes any more are removed, and no others",
  withDirectory(async (dir) => {
    const growing = DumpFile.open({
      path: `${dir}/dump.rdb`,
      syncsAsItGrows: false,
    });
    for (const name of ["temp-1.rdb", "temp-77-2.rdb", "temp-x.rdb", "a.rdb"]) {
      await Deno.writeTextFile(`${dir}/${name}`, "");
    }
    // Another process would have locked what it writes.
    const elsewhere = await Deno.open(`${dir}/temp-2.rdb`, {
      write: true,
      create: true,
    });
    assertEquals(await elsewhere.tryLock(true), true);
    assertEquals(removeLeftovers(dir).sort(), ["temp-1.rdb", "temp-77-2.rdb"]);
    assertEquals(
      names(dir),
      ["a.rdb", "temp-2.rdb", TEMP, "temp-x.rdb"].sort(),
    );
    elsewhere.close();
    growing.discard();
    assertEquals(removeLeftovers(`${dir}/missing`), []);
  }),
);
