/** Logs that a crash has left with spare room: killed, torn, without pages. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AofError } from "../../../src/persistence/aof/directory.ts";
import { checkAof } from "../../../src/persistence/aof/check.ts";
import { Increment } from "../../../src/persistence/aof/increment.ts";
import { Random } from "../../support/random.ts";
import { FaultyDisk } from "./faulty_file.ts";
import { commands, end, LogDir, logged } from "./log_dir.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const INCR = "file appendonly.aof.1.incr.aof seq 1 type i";
const INCR_NAME = "appendonly.aof.1.incr.aof";
const NEXT = "file appendonly.aof.2.incr.aof seq 2 type i";
const NEXT_NAME = "appendonly.aof.2.incr.aof";

/** A log as the writer leaves it; `n` counts the commands. */
class Crashed {
  readonly #disk = new FaultyDisk();
  readonly increment = new Increment("x", 0, this.#disk.opener);
  count = 0;

  /** Until the log ends so far before the end of a page, and has room. */
  constructor(beforePage = 700) {
    const line = "#TS:1700000000\r\n";
    const filler = (byteCount: number) => {
      const last = line.length + byteCount % line.length;
      const lines = line.repeat((byteCount - last) / line.length);
      return lines + "#TS:1".padEnd(last - 2, "0") + "\r\n";
    };
    while (this.increment.bytes < 20_000) {
      this.write(this.unit("v".repeat(400)));
    }
    const { bytes } = this.increment;
    const wanted = Math.ceil(bytes / 4096 + 1) * 4096 - beforePage;
    const half = (wanted - bytes) >> 1;
    this.write(filler(half));
    this.increment.syncNow();
    this.write(filler(wanted - bytes - half));
    this.increment.syncNow();
    assertEquals(this.increment.bytes % 4096, (4096 - beforePage) % 4096);
  }

  /** What is in the file; of its room some pages only, as after a kill. */
  get content(): string {
    const pages = Math.ceil(this.increment.bytes / 4096) + 3;
    return this.#disk.content.slice(0, pages * 4096);
  }

  unit(value: string): string {
    this.count++;
    return commands(["SET", "v", value], ["INCR", "n"]);
  }

  write(text: string): void {
    const bytes = Uint8Array.from(text, (each) => each.charCodeAt(0));
    const failure = this.increment.writeGroupSync([bytes], bytes.length);
    assertEquals(failure, null);
    if (this.count % 20 === 0) this.increment.syncNow();
  }
}

/** Loads one content after the other. */
function loader(dir: LogDir) {
  const bench = dir.bench();
  bench.server.dispatcher.admission.isLoading = false;
  const client = bench.connect();
  return async (content: string) => {
    dir.write(INCR_NAME, content);
    bench.server.keyspace.flush();
    const outcome = await bench.server.persistence.aof.load();
    const n = Number(client.call("GET", "n").split("\r\n")[1]);
    return { outcome, n, size: dir.sizeOf(INCR_NAME) };
  };
}

function judge(dir: LogDir, args: string[] = []): string {
  let text = "";
  checkAof([...args, `${dir.path}/appendonlydir/${INCR_NAME}`], {
    print: (part) => void (text += part),
    answer: () => "y",
  });
  return text;
}

Deno.test("a room is taken off where the log ends, and the log goes on", async () => {
  using dir = new LogDir();
  dir.manifest(INCR);
  const loads = loader(dir);
  // Wherever the last line of the log ends in a line of the room.
  for (const beforePage of [700, 514, 513, 512, 511, 510, 2, 1, 4096]) {
    const { content, increment, count } = new Crashed(beforePage);
    assert(content.endsWith("#\n"));
    const found = await loads(content);
    assertEquals(found, {
      outcome: "loaded",
      n: count,
      size: increment.bytes,
    }, `${beforePage} before the end of a page`);
  }
  const bench = await dir.started({ appendfsync: "everysec" });
  const { persistence, dispatcher } = bench.server;
  const size = dir.sizeOf(INCR_NAME);
  assertEquals(persistence.aof.currentBytes, size);
  bench.connect().call("SET", "a", "b");
  persistence.aof.beforeReplies();
  const text = dir.read(INCR_NAME);
  assertEquals(
    text.slice(size),
    commands(["SELECT", "0"], ["SET", "a", "b"]),
  );
  assert(!dispatcher.admission.isLoading);
  await end(bench);
});

Deno.test("only the last file loses its room; others are loaded as they are", async () => {
  using dir = new LogDir();
  dir.manifest(INCR, NEXT);
  const loads = loader(dir);
  const { content, increment, count } = new Crashed();
  dir.write(NEXT_NAME, commands(["INCR", "n"]));
  const found = await loads(content);
  assertEquals(found, {
    outcome: "loaded",
    n: count + 1,
    size: content.length,
  });
  const bench = await dir.started();
  const bytes = increment.bytes + dir.sizeOf(NEXT_NAME);
  assertEquals(bench.server.persistence.aof.currentBytes, bytes);
  await end(bench);
});

Deno.test("a group that a kill tore in the room ends like any torn log", async () => {
  using dir = new LogDir();
  dir.manifest(INCR);
  const loads = loader(dir);
  const log = new Crashed();
  const before = log.content;
  const start = log.increment.bytes;
  const known = log.count;
  const texts = [
    log.unit("#####"),
    commands(["MULTI"]) + log.unit("\r\n#") + commands(["EXEC"]),
    "#TS:1700000000\r\n" + log.unit("x".repeat(700)),
  ];
  const text = texts.join("");
  log.write(text);
  const after = log.content;
  const whole = new Map<number, number>();
  let unit = 0;
  for (const [i, each] of texts.entries()) {
    const first = each.indexOf("*2\r\n$4\r\nINCR");
    const stamp = each.startsWith("#") ? each.indexOf("\n") + 1 : 0;
    whole.set(unit + stamp, known + i);
    if (!each.includes("MULTI")) whole.set(unit + first, known + i);
    unit += each.length;
    whole.set(unit, known + i + 1);
  }
  let last = 0;
  for (let size = 0; size <= text.length; size++) {
    // Within a long value all places are the same.
    if (text.slice(size - 20, size + 20) === "x".repeat(40)) continue;
    if (whole.has(size)) last = size;
    const torn = after.slice(0, start + size) + before.slice(start + size);
    const { outcome, n, size: left } = await loads(torn);
    // One more `#` is a `#` like all others.
    const isWhole = size === last || size === last + 1 && text[last] === "#";
    assertEquals(n, whole.get(last), `the count at ${size}`);
    assertEquals(left, start + last, `what is left at ${size}`);
    assertEquals(outcome, isWhole ? "loaded" : "truncated", `at ${size}`);
    if (size % 7 > 0) continue;
    dir.write(INCR_NAME, torn);
    const said = judge(dir, ["--fix"]);
    const fixed = dir.sizeOf(INCR_NAME);
    assert(fixed === start + last || fixed === torn.length, `${size}: ${said}`);
  }
});

Deno.test("pages that the disk has lost take along what came after", async () => {
  using dir = new LogDir();
  dir.manifest(INCR);
  const loads = loader(dir);
  const random = new Random(11);
  let torn = 0;
  for (let i = 0; i < 60; i++) {
    const log = new Crashed(random.pick([700, 1, 2, 3, 40, 512, 2000, 4000]));
    const before = log.content;
    const acknowledged = log.increment.bytes;
    const known = log.count;
    // Some groups that no sync was for, over several pages.
    const ends: number[] = [];
    while (log.increment.bytes < acknowledged + 12_000) {
      const value = random.pick(["x", "#", "\r\n", "a#\n"]);
      log.write(log.unit(value.repeat(1 + random.int(900))));
      ends.push(log.increment.bytes);
    }
    let { content } = log;
    for (let at = 0; at < content.length; at += 4096) {
      if (random.chance(0.6)) continue;
      const page = before.slice(at, at + 4096);
      content = content.slice(0, at) + page + content.slice(at + page.length);
    }
    dir.write(INCR_NAME, content);
    const { outcome, n, size } = await loads(content);
    if (outcome === "truncated") torn++;
    // A prefix of what was written, and all of what was acknowledged.
    assert(n >= known && n <= log.count, `${n} of ${known} to ${log.count}`);
    const least = n === known ? acknowledged : ends[n - known - 1];
    assert(size >= least, `${size} bytes, ${least} are good`);
    assertEquals(content.slice(0, least), log.content.slice(0, least));
  }
  assert(torn > 20, `${torn}`);
});

Deno.test("a flipped bit before the room is refused as ever", async () => {
  using dir = new LogDir();
  dir.manifest(INCR);
  const loads = loader(dir);
  const { content: sound, increment } = new Crashed();
  const at = sound.lastIndexOf("$4\r\nINCR");
  for (const [from, wrong] of [[at, "%"], [at - 400, "%"]] as const) {
    const star = sound.lastIndexOf("*", from);
    const content = sound.slice(0, star) + wrong +
      sound.slice(star + 1);
    await assertRejects(() => loads(content), AofError, "Bad file format");
  }
  assert(increment.bytes > at);
});

Deno.test("a flipped bit in the room loses nothing, before it breaks nothing", async () => {
  using dir = new LogDir();
  dir.manifest(INCR);
  const loads = loader(dir);
  const { content, increment, count } = new Crashed();
  const random = new Random(3);
  const flip = (at: number, bit: number) =>
    content.slice(0, at) +
    String.fromCharCode(content.charCodeAt(at) ^ (1 << bit)) +
    content.slice(at + 1);
  for (let i = 0; i < 60; i++) {
    const room = content.length - increment.bytes;
    const at = increment.bytes + random.int(i % 3 > 0 ? room : 600);
    const { n, size } = await loads(flip(at, random.int(8)));
    assertEquals(n, count, `flipped at ${at}`);
    assert(size >= increment.bytes);
  }
  let refused = 0, loaded = 0;
  for (let at = increment.bytes - 100; at < increment.bytes; at++) {
    try {
      await loads(flip(at, random.int(8)));
      loaded++;
    } catch (error) {
      assert(error instanceof AofError);
      refused++;
    }
  }
  assert(refused > 5 && loaded > 5, `${refused} refused, ${loaded} loaded`);
});

Deno.test("a torn group before the room ends the start if it must not go", async () => {
  using dir = new LogDir();
  dir.manifest(INCR);
  const log = new Crashed();
  const start = log.increment.bytes;
  const before = log.content;
  log.write(log.unit("value"));
  const content = log.content.slice(0, start + 20) +
    before.slice(start + 20);
  dir.write(INCR_NAME, content);
  const bench = dir.bench({ "aof-load-truncated": false });
  await assertRejects(
    () => bench.server.persistence.aof.load(),
    AofError,
    "Unexpected end of file",
  );
  assertEquals(dir.read(INCR_NAME), content, "nothing was touched");
  assert(logged(bench).some((line) => line.includes(`offset ${start}.`)));
});
