/** Loading the append-only file: whole, torn, damaged and in old forms. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  AofDirectory,
  AofError,
} from "../../../src/persistence/aof/directory.ts";
import type { AofHost } from "../../../src/persistence/aof/faces.ts";
import { Loader } from "../../../src/persistence/aof/load.ts";
import { commands, end, LogDir, logged } from "./log_dir.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const BASE = "file appendonly.aof.1.base.aof seq 1 type b";
const INCR = "file appendonly.aof.1.incr.aof seq 1 type i";
const INCR_NAME = "appendonly.aof.1.incr.aof";

/** What `INCR n` counts is how many of these have been executed. */
const UNITS = [
  commands(["SELECT", "0"]),
  commands(["INCR", "n"]),
  "#TS:1628217470\r\n",
  commands(["MULTI"], ["RPUSH", "l", "a", "b"], ["INCR", "n"], ["EXEC"]),
  commands(["SET", "binary", "\r\n*1\r\n$4\r\nPING\r\n"], ["INCR", "n"]),
  "#TS:1628217471\r\n",
  commands(["multi"], ["INCR", "n"], ["exec"]),
];

/** Ends of whole commands, transactions and lines; how far `n` is there. */
function boundaries(): Map<number, number> {
  const found = new Map([[0, 0]]);
  let offset = 0, count = 0;
  for (const unit of UNITS) {
    if (unit.startsWith("*3\r\n$3\r\nSET")) {
      const first = unit.indexOf("*2\r\n$4\r\nINCR");
      found.set(offset + first, count);
    }
    offset += unit.length;
    if (unit.includes("INCR")) count++;
    found.set(offset, count);
  }
  return found;
}

Deno.test("a torn tail is cut off behind the last whole command", async () => {
  using dir = new LogDir();
  dir.manifest(INCR);
  const bench = dir.bench();
  const { server } = bench;
  const client = bench.connect();
  server.dispatcher.admission.isLoading = false;
  const text = UNITS.join("");
  const ends = boundaries();
  let whole = 0;
  for (let size = 1; size <= text.length; size++) {
    if (ends.has(size)) whole = size;
    dir.write(INCR_NAME, text.slice(0, size));
    server.keyspace.flush();
    const outcome = await server.persistence.aof.load();
    assertEquals(outcome, whole === size ? "loaded" : "truncated", `${size}`);
    assertEquals(dir.sizeOf(INCR_NAME), whole, `the size of ${size}`);
    const count = ends.get(whole)!;
    assertEquals(
      client.call("GET", "n"),
      count === 0 ? "$-1\r\n" : `$1\r\n${count}\r\n`,
      `after ${size}`,
    );
  }
  bench.verify();
  const lines = logged(bench).filter((line) => line.includes("!!!"));
  assertEquals(lines.slice(0, 2), [
    `!!! Warning: short read while loading the AOF file ${INCR_NAME}!!!`,
    `!!! Truncating the AOF ${INCR_NAME} at offset 0 !!!`,
  ]);
  assert(
    logged(bench).includes(
      `Revert incomplete MULTI/EXEC transaction in AOF file ${INCR_NAME}`,
    ),
  );
});

Deno.test("a torn tail ends the start when it must not be cut off", async () => {
  using dir = new LogDir();
  dir.manifest(INCR);
  const bench = dir.bench({ "aof-load-truncated": false });
  const text = UNITS.join("");
  const ends = boundaries();
  for (let size = 1; size <= text.length; size++) {
    dir.write(INCR_NAME, text.slice(0, size));
    bench.server.keyspace.flush();
    const loading = bench.server.persistence.aof.load();
    if (ends.has(size)) await loading;
    else {
      const { message } = await assertRejects(() => loading, AofError);
      assertStringIncludes(
        message,
        `Unexpected end of file reading the append only file ${INCR_NAME}`,
      );
      assertStringIncludes(message, `check-aof --fix ${dir.path}`);
    }
    assertEquals(dir.sizeOf(INCR_NAME), size, "nothing is cut off");
  }
});

Deno.test("only the last file may be torn, and no other is cut", async () => {
  using dir = new LogDir();
  dir.manifest(BASE, INCR);
  dir.write("appendonly.aof.1.base.aof", commands(["SET", "a", "1"]) + "*3\r");
  dir.write(INCR_NAME, commands(["SET", "b", "2"]));
  await assertRejects(
    () => dir.bench().server.persistence.aof.load(),
    AofError,
    "the truncated file is not the last file",
  );
  assertEquals(dir.sizeOf("appendonly.aof.1.base.aof"), 30);
});

Deno.test("a flipped bit anywhere is loaded or refused, and breaks nothing", async () => {
  using dir = new LogDir();
  dir.manifest(INCR);
  const bench = dir.bench();
  const { server } = bench;
  const text = UNITS.join("");
  let refusedCount = 0;
  for (let at = 0; at < text.length; at++) {
    const bit = 1 << (at % 8);
    const flipped = String.fromCharCode(text.charCodeAt(at) ^ bit);
    dir.write(INCR_NAME, text.slice(0, at) + flipped + text.slice(at + 1));
    server.keyspace.flush();
    try {
      await server.persistence.aof.load();
    } catch (error) {
      if (!(error instanceof AofError)) throw error;
      refusedCount++;
    }
    bench.verify();
  }
  assert(refusedCount > 100, `${refusedCount} refused`);
});

Deno.test("what is no command is refused with file, place and remedy", async () => {
  using dir = new LogDir();
  dir.manifest(INCR);
  const good = commands(["SET", "foo", "hello"]);
  const rows: [string, string][] = [
    [good + "!!!" + good, "Bad file format reading the append only file"],
    [good + "*x\r\n" + good, "Bad file format reading the append only file"],
    [
      good + commands(["bla", "foo", "hello"]) + good,
      "Unknown command 'bla' reading the append only file " +
      `${INCR_NAME} at offset ${good.length}`,
    ],
  ];
  for (const [text, reason] of rows) {
    dir.write(INCR_NAME, text);
    const bench = dir.bench();
    await assertRejects(
      () => bench.server.persistence.aof.load(),
      AofError,
      reason,
    );
    const lines = logged(bench);
    assertStringIncludes(lines.at(-1)!, reason);
    if (!reason.startsWith("Bad")) continue;
    assertStringIncludes(lines.at(-2)!, `${INCR_NAME} is damaged at offset`);
    assertStringIncludes(lines.at(-1)!, "check-aof --fix");
  }
});

Deno.test("an error of a command is told and passed over", async () => {
  using dir = new LogDir();
  dir.manifest(INCR);
  dir.write(
    INCR_NAME,
    commands(["SET", "s", "x"], ["LPUSH", "s", "1"], ["SET", "t", "y"]),
  );
  const bench = await dir.started();
  assertEquals(bench.connect().call("GET", "t"), "$1\r\ny\r\n");
  assert(logged(bench).some((line) => line.startsWith("== CRITICAL ==")));
  await end(bench);
});

Deno.test("files are loaded in order, empty ones and gaps included", async () => {
  using dir = new LogDir();
  dir.manifest(BASE, INCR, "file c seq 3 type i", "file d seq 9 type i");
  dir.write("appendonly.aof.1.base.aof", commands(["SET", "a", "1"]));
  dir.write(INCR_NAME, commands(["APPEND", "a", "2"]));
  dir.write("c", "");
  dir.write("d", commands(["APPEND", "a", "3"]));
  const bench = await dir.started();
  assertEquals(bench.connect().call("GET", "a"), "$3\r\n123\r\n");
  const { aof } = bench.server.persistence;
  assertEquals(aof.currentBytes, 27 + 30 + 30);
  assertEquals(new Map(aof.info()).get("aof_base_size"), 27);
  assert(logged(bench).includes("Opening AOF incr file d on server start"));
  await end(bench);
});

Deno.test("a file that is missing ends the start", async () => {
  using dir = new LogDir();
  dir.manifest(BASE, INCR);
  dir.write("appendonly.aof.1.base.aof", commands(["SET", "a", "1"]));
  await assertRejects(
    () => dir.bench().server.persistence.aof.load(),
    AofError,
    `Unable to obtain the AOF file ${INCR_NAME} length. stat: ` +
      "No such file or directory",
  );
});

Deno.test("a manifest that is none ends the start", async () => {
  using dir = new LogDir();
  dir.manifest("file x seq 1 type x");
  const bench = dir.bench();
  await assertRejects(() => bench.server.persistence.aof.load(), AofError);
  assertEquals(logged(bench), [
    "*** FATAL AOF MANIFEST FILE ERROR ***",
    "Reading the manifest file, at line 1",
    ">>> 'file x seq 1 type x'",
    "Unknown AOF file type",
  ]);
});

Deno.test("a start without files makes a base and an increment", async () => {
  for (const [usesRdb, format] of [[true, "rdb"], [false, "aof"]] as const) {
    using dir = new LogDir();
    const bench = await dir.started({ "aof-use-rdb-preamble": usesRdb });
    await end(bench);
    assertEquals(
      dir.manifestText,
      `file appendonly.aof.1.base.${format} seq 1 type b\n${INCR}\n`,
    );
    assertEquals(dir.names.length, 3);
    // What it has made can be loaded.
    await end(await dir.started({ "aof-use-rdb-preamble": usesRdb }));
  }
});

Deno.test("the single file of old versions moves in as the base", async () => {
  using dir = new LogDir();
  const old = commands(["SET", "k", "v"]);
  const expected = "file appendonly.aof seq 1 type b\n" + INCR + "\n";
  dir.writeOutside("appendonly.aof", old);
  const bench = await dir.started();
  assertEquals(bench.connect().call("GET", "k"), "$1\r\nv\r\n");
  await end(bench);
  assertEquals(dir.manifestText, expected);
  assertEquals(dir.read("appendonly.aof"), old);
  // Interrupted before the move: the manifest is there, the file is outside.
  using again = new LogDir();
  again.manifest("file appendonly.aof seq 1 type b");
  again.writeOutside("appendonly.aof", old);
  await end(await again.started());
  assertEquals(again.manifestText, expected);
  // A file outside is left alone when there is one inside.
  using both = new LogDir();
  both.manifest("file appendonly.aof seq 1 type b");
  both.write("appendonly.aof", old);
  both.writeOutside("appendonly.aof", commands(["SET", "x", "y"]));
  const third = await both.started();
  assertEquals(third.connect().call("EXISTS", "x"), ":0\r\n");
  await end(third);
});

Deno.test("an old file may begin with an RDB file and go on as a log", async () => {
  using dir = new LogDir();
  using source = new LogDir();
  const writer = await source.started({ appendonly: false });
  writer.connect().call("SET", "k1", "v1");
  writer.server.persistence.save();
  const rdb = Deno.readFileSync(`${source.path}/dump.rdb`);
  const tail = commands(["SET", "k2", "v2"], ["APPEND", "k1", "+"]);
  const whole = new Uint8Array(rdb.length + tail.length + 3);
  whole.set(rdb);
  for (let i = 0; i < tail.length; i++) {
    whole[rdb.length + i] = tail.charCodeAt(i);
  }
  dir.writeOutside("appendonly.aof", whole.subarray(0, -3));
  const bench = await dir.started();
  const client = bench.connect();
  assertEquals(
    client.call("MGET", "k1", "k2"),
    "*2\r\n$3\r\nv1+\r\n$2\r\nv2\r\n",
  );
  assert(logged(bench).includes("Reading the remaining AOF tail..."));
  await end(bench);
  // A torn tail behind it is cut at the right place.
  using torn = new LogDir();
  torn.writeOutside("appendonly.aof", whole.subarray(0, -10));
  await end(await torn.started());
  const kept = rdb.length + commands(["SET", "k2", "v2"]).length;
  assertEquals(torn.sizeOf("appendonly.aof"), kept);
});

Deno.test("progress tells of all files together", async () => {
  using dir = new LogDir();
  dir.manifest(BASE, INCR);
  const text = "x".repeat(700_000);
  dir.write("appendonly.aof.1.base.aof", text);
  dir.write(INCR_NAME, text);
  const told: [number, string][] = [];
  let total = 0;
  const { settings } = dir.bench().server;
  const host = {
    settings: {
      dir: dir.path,
      fileName: settings.get("appendfilename"),
      directoryName: settings.get("appenddirname"),
    },
    log() {},
    loadBegins: (bytesTotal: number) => void (total = bytesTotal),
    loadProgress: (bytes: number, name: string) =>
      void told.push([bytes, name.slice(-8)]),
    loadEnds() {},
    replay: () => ({
      offset: 0,
      fedBytes: 0,
      feed(bytes: Uint8Array) {
        this.fedBytes = this.offset += bytes.length;
        return null;
      },
      close() {},
    }),
  } as unknown as AofHost;
  const directory = new AofDirectory(host.settings, () => {});
  await new Loader(directory, host).load();
  assertEquals(total, 1_400_000);
  assertEquals(told, [
    [262_144, "base.aof"],
    [524_288, "base.aof"],
    [700_000, "base.aof"],
    [962_144, "incr.aof"],
    [1_224_288, "incr.aof"],
    [1_400_000, "incr.aof"],
  ]);
});
