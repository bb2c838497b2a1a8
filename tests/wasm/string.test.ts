/** Strings in the engine: their limits, a model beside them, and no memory. */
import { assert, assertEquals } from "@std/assert";
import {
  MISSING,
  NOT_AN_INTEGER,
  OUT_OF_MEMORY,
  OVERFLOW,
  TOO_LONG,
  WRONG_TYPE,
} from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { type Host, loadStrings } from "./string_host.ts";
import { Model, type Step } from "./string_model.ts";

const SEED = 20_240_614;
const ONLY_NEW = 1, ONLY_OLD = 2, KEEP_DUE = 4, AS_TEXT = 8;

/** Lengths around which a string changes its place or its encoding. */
const LENGTHS = [0, 1, 7, 8, 9, 20, 44, 45, 512, 513, 16384, 16385, 32768]
  .concat(40_000);

for (const build of BUILDS) {
  const test = (name: string, run: (host: Host) => void) =>
    Deno.test(`${name} (${build.name})`, async () => {
      run(await loadStrings(build));
    });

  test("strings of every length replace each other", (host) => {
    for (const from of LENGTHS) {
      for (const to of LENGTHS) {
        for (const due of [0, 5000]) {
          host.set("key", "a".repeat(from), 0, due);
          assertEquals(host.set("key", "b".repeat(to)), 1);
          assert(host.value("key") === "b".repeat(to), `${from} ${to} ${due}`);
          assertEquals(host.due("key"), -1);
        }
      }
    }
    host.verify();
    assertEquals(host.calls.dbSize(host.db), 1);
    assertEquals(host.calls.dbDueCount(host.db), 0);
  });

  test("a key may have any length", (host) => {
    const keys = [0, 1, 255, 256, 65535, 65536, 100_000]
      .map((length) => "k".repeat(length));
    for (const key of keys) host.set(key, `value of ${key.length}`, 0, 9000);
    for (const key of keys) {
      assertEquals(host.value(key), `value of ${key.length}`);
      host.append(key, "!".repeat(600));
      assertEquals(host.due(key), 9000);
    }
    host.verify();
    for (const key of keys) assertEquals(host.delete(key), 1);
  });

  test("only the one spelling of an integer is kept as one", (host) => {
    const integers = ["0", "-1", "7", "9223372036854775807"]
      .concat("-9223372036854775808");
    const texts = ["", "-", "-0", "00", "01", "+1", " 1", "1 ", "1.0"]
      .concat("9223372036854775808", "-9223372036854775809");
    for (const value of integers) {
      host.set("key", value);
      assertEquals([host.encoding("key"), host.value("key")], ["int", value]);
      host.set("key", value, AS_TEXT);
      assertEquals([host.encoding("key"), host.value("key")], [
        "embstr",
        value,
      ]);
    }
    for (const value of texts) {
      host.set("key", value);
      assertEquals(host.encoding("key"), "embstr", value);
    }
  });

  test("SET's conditions look at the key, and KEEP_DUE at its due time", (host) => {
    assertEquals(host.set("key", "a", ONLY_OLD), 0);
    assertEquals(host.set("key", "a", ONLY_NEW, 5000), 1);
    assertEquals(host.set("key", "b", ONLY_NEW), 0);
    assertEquals(host.set("key", "c", ONLY_OLD | KEEP_DUE), 1);
    assertEquals([host.value("key"), host.due("key")], ["c", 5000]);
    host.calls.setClock(5001);
    assertEquals(host.set("key", "d", ONLY_OLD | KEEP_DUE), 0);
    assertEquals(host.set("key", "e", ONLY_NEW | KEEP_DUE), 1);
    assertEquals(host.due("key"), -1);
  });

  test("increments stop at both ends of 64 bits", (host) => {
    const max = "9223372036854775807", min = "-9223372036854775808";
    const cases: [string, string, number, number | string][] = [
      [max, "1", 0, OVERFLOW],
      [max, "-1", 1, OVERFLOW],
      [min, "-1", 0, OVERFLOW],
      [min, "1", 1, OVERFLOW],
      ["-1", min, 0, OVERFLOW],
      ["1", max, 0, OVERFLOW],
      ["-2", max, 1, OVERFLOW],
      ["0", min, 0, min],
      ["0", max, 0, max],
      ["-1", max, 1, min],
      [max, min, 0, "-1"],
      [min, max, 0, "-1"],
      ["text", "1", 0, NOT_AN_INTEGER],
      ["1", "text", 0, NOT_AN_INTEGER],
    ];
    for (const [value, by, negate, expected] of cases) {
      host.set("key", value);
      const code = host.increment("key", by, negate);
      const found = code < 0 ? code : host.value("key");
      assertEquals(found, expected, `${value} ${by} ${negate}`);
      if (code < 0) assertEquals(host.value("key"), value);
    }
  });

  test("a key of another type is left alone", (host) => {
    host.disguise("list");
    host.command("list", "1");
    const { calls, db } = host;
    const codes = [
      calls.getString(db, 1),
      calls.peekString(db, 1),
      calls.getRange(db, 1, 0, -1),
      calls.stringLength(db, 1),
      calls.incrementOne(db, 1, 0),
      calls.incrementByArgument(db, 1, 2, 0),
      calls.appendString(db, 1, 2),
      calls.setRange(db, 1, 5, 2),
      calls.setRange(db, 1, 2 ** 40, 2),
      calls.lcsLength(db, 1, 1),
      calls.lcsText(db, 1, 2),
      calls.lcsRanges(db, 2, 1, 0, 0),
    ];
    assertEquals(codes, codes.map(() => WRONG_TYPE));
    host.command("list", "");
    assertEquals(calls.setRange(db, 1, 5, 2), WRONG_TYPE);
    assertEquals(calls.takeChanges(), 1);
  });

  test("no operation makes a string beyond the limit", (host) => {
    host.calls.setMaxStringBytes(1000);
    host.set("key", "k".repeat(990));
    assertEquals(host.append("key", "0123456789a"), TOO_LONG);
    assertEquals(host.setRange("key", 998, "abc"), TOO_LONG);
    assertEquals(host.setRange("new", 1000, "a"), TOO_LONG);
    assertEquals(host.setRange("new", 2 ** 53, "a"), TOO_LONG);
    assertEquals(host.setRange("new", 2 ** 63, ""), 0);
    assertEquals(host.value("new"), null);
    assertEquals(host.append("key", "0123456789"), 1000);
    assertEquals(host.setRange("key", 990, "9876543210"), 1000);
    assert(host.value("key")!.endsWith("k9876543210"));
  });

  test("writing reads count neither hit nor miss, reading ones do", (host) => {
    host.set("key", "5");
    host.append("key", "6");
    host.increment("key", "1");
    host.setRange("key", 0, "");
    host.setRange("none", 0, "");
    assertEquals([host.calls.statHits(), host.calls.statMisses()], [0, 0]);
    host.command("key", "none");
    host.calls.getString(host.db, 1);
    host.calls.stringLength(host.db, 2);
    host.calls.getRange(host.db, 1, 0, 0);
    assertEquals([host.calls.statHits(), host.calls.statMisses()], [2, 1]);
  });

  test("a value that replaces another goes on with its use", (host) => {
    // Every use counts, and none is forgotten.
    host.calls.setLfu(1, 0, 0);
    const writes = [
      () => host.set("key", "1"),
      () => host.increment("key", "1"),
      () => host.set("key", "in place of 2"),
      () => host.set("key", "due", 0, 5000),
      () => host.set("key", "elsewhere".repeat(100)),
      () => host.set("key", "b".repeat(40_000)),
      () => host.append("key", "where it is"),
      () => host.append("key", "!".repeat(30_000)),
      () => host.setMany([["key", "7"]]),
      () => host.setRange("key", 0, "8"),
      () => host.increment("key", "1"),
    ];
    const counters = writes.map((write) => {
      write();
      return host.access("key") & 255;
    });
    assertEquals(counters, writes.map((_, i) => 5 + i));
    host.calls.setLfu(0, 0, 0);
    host.set("key", "4");
    host.calls.setClock(4_000_000);
    host.set("key", "5");
    assertEquals(host.access("key"), 4000 << 8);
  });

  test("a big argument is kept without a copy and stays readable", (host) => {
    const big = "b".repeat(50_000);
    host.command("key", big);
    const used = host.calls.usedBytes();
    assertEquals(host.calls.setString(host.db, 1, 2, 0, 0), 1);
    assert(host.calls.usedBytes() - used < 200);
    assert(host.argument(2) === big);
    host.verify();
    host.command("new", big);
    assertEquals(host.calls.appendString(host.db, 1, 2), big.length);
    assert(host.argument(2) === big);
    assert(host.value("key") === big && host.value("new") === big);
    host.verify();
  });

  test("strings agree with a model, and all memory comes back", (host) => {
    const random = new Random(SEED);
    const model = new Model();
    emptied(host, model);
    const start = host.used();
    for (let turn = 0; turn < 3000; turn++) {
      const step = model.randomStep(random);
      // What OUT_OF_MEMORY leaves behind is the next test's.
      apply(host, model, step, `seed ${SEED} turn ${turn}`);
      if (turn % 100 === 0) model.compare(host, `seed ${SEED} turn ${turn}`);
    }
    emptied(host, model);
    assertEquals(host.used(), start);
  });
}

/** Makes one step and compares what it returned. */
function apply(host: Host, model: Model, step: Step, context: string): void {
  host.calls.takeChanges();
  const result = step.run(host);
  const changes = host.calls.takeChanges();
  if (result === OUT_OF_MEMORY) {
    assertEquals(changes, 0, context);
    return;
  }
  const message = `${context}: ${step.text}`;
  assertEquals(result, step.expected(), message);
  assertEquals(changes, model.takeChanges(), message);
}

/** Deletes everything, and leaves to table and heap what they keep. */
function emptied(host: Host, model: Model): void {
  const more = Array.from({ length: 12 }, (_, i) => `more ${i}`);
  for (const key of more) host.set(key, "with a due time", 0, 9e15);
  for (const key of [...model.keys(), ...more]) host.delete(key);
  model.clear();
  host.verify();
  assertEquals(host.calls.dbSize(host.db), 0);
}

Deno.test("an operation without memory leaves everything as it was", async () => {
  const host = await loadStrings({ debug: true });
  const random = new Random(SEED + 1);
  const model = new Model();
  let failures = 0;
  for (let turn = 0; turn < 1500; turn++) {
    const context = `seed ${SEED + 1} turn ${turn}`;
    const step = model.randomStep(random);
    // What is due goes now, and not in the middle.
    for (const word of step.words) host.value(word);
    // Each allocation that the step makes fails once, from the first on.
    for (let count = 0;; count++) {
      let used = host.used();
      let code = failAfter(host, step, count);
      if (code === OUT_OF_MEMORY && host.used() !== used) {
        // The heap of due times may keep room that it had made, but only once.
        used = host.used();
        code = failAfter(host, step, count);
      }
      if (code !== OUT_OF_MEMORY) {
        assertEquals(code, step.expected(), `${context}: ${step.text}`);
        break;
      }
      failures++;
      assertEquals(host.used(), used, `${context}: ${step.text}`);
      model.compare(host, `${context}: ${step.text}`);
    }
  }
  assert(failures > 1000, `only ${failures} failures`);
  model.compare(host, "at the end");
});

/** Lets a step fail at one allocation; its arguments must stay readable. */
function failAfter(host: Host, step: Step, allocationCount: number): number {
  step.prepare(host);
  host.calls.failAllocationsAfter(allocationCount);
  const code = step.operate(host);
  host.calls.failAllocationsAfter(-1);
  if (code === OUT_OF_MEMORY) {
    step.words.forEach((word, i) => assert(host.argument(i + 1) === word));
  }
  return code;
}

/** A database whose only bucket has room for so many keys and cannot split. */
async function denseDatabase(roomCount: number): Promise<Host> {
  const host = await loadStrings({ debug: true });
  for (let i = 0; i < 12 - roomCount; i++) {
    host.command(`key ${i}`, "value");
    host.calls.failAllocationsAfter(1);
    assertEquals(host.calls.setString(host.db, 1, 2, 0, 0), 1);
    host.calls.failAllocationsAfter(-1);
  }
  return host;
}

Deno.test("a big argument is not lost when the table has no room", async () => {
  const host = await denseDatabase(0);
  const big = "b".repeat(40_000);
  host.command("new", big);
  const used = host.calls.usedBytes();
  host.calls.failAllocationsAfter(1);
  assertEquals(host.calls.setString(host.db, 1, 2, 0, 0), OUT_OF_MEMORY);
  host.calls.failAllocationsAfter(-1);
  assertEquals(host.calls.usedBytes(), used);
  assert(host.argument(2) === big);
  host.verify();
  assertEquals(host.calls.setString(host.db, 1, 2, 0, 0), 1);
  assert(host.value("new") === big);
});

Deno.test("MSET takes its first keys back when the table has no room", async () => {
  const host = await denseDatabase(2);
  const pairs = [["key 3", "c"], ["a", "b".repeat(900)], ["b", "7"], ["c", ""]];
  host.command(...pairs.flat());
  const used = host.calls.usedBytes();
  // The list, four entries and one block; then two keys find a place.
  host.calls.failAllocationsAfter(6);
  const code = host.calls.setStrings(host.db, 1, pairs.length, 0, 0);
  assertEquals(code, OUT_OF_MEMORY);
  host.calls.failAllocationsAfter(-1);
  assertEquals(host.calls.usedBytes(), used);
  assertEquals(host.calls.dbSize(host.db), 10);
  for (const [key] of pairs.slice(1)) assertEquals(host.value(key), null);
  assertEquals(host.value("key 3"), "value");
  host.verify();
  assertEquals(host.setMany(pairs as [string, string][]), 1);
  for (const [key, value] of pairs) assertEquals(host.value(key), value);
  host.verify();
});

Deno.test("MSET with a big key twice keeps the last one", async () => {
  const host = await loadStrings({ debug: true });
  const [one, two] = ["1".repeat(40_000), "2".repeat(50_000)];
  assertEquals(host.setMany([["k", one], ["k", two], ["j", one]]), 1);
  assert(host.argument(2) === one && host.argument(4) === two);
  assert(host.value("k") === two && host.value("j") === one);
  host.verify();
});

Deno.test("a full memory refuses what does not fit and keeps what is there", async () => {
  const host = await loadStrings({ debug: false });
  const model = new Model();
  const random = new Random(SEED + 2);
  for (let turn = 0; turn < 300; turn++) {
    apply(host, model, model.randomStep(random), `seed ${SEED + 2} ${turn}`);
  }
  host.instance.close();
  for (const bytes of [65536, 4096, 512, 64, 8]) host.instance.exhaust(bytes);
  let refused = 0;
  for (let turn = 0; turn < 2000; turn++) {
    const context = `seed ${SEED + 2} full, turn ${turn}`;
    // Without memory a big argument would never have arrived.
    const step = model.randomStep(random, 30_000);
    if (step.run(host) === OUT_OF_MEMORY) refused++;
    else step.expected();
    if (turn % 50 === 0) model.compare(host, context);
  }
  assert(refused > 100, `only ${refused} were refused`);
  model.compare(host, "at the end");
});

Deno.test("a missing key has no length and no digits", async () => {
  const host = await loadStrings({ debug: false });
  host.command("none");
  assertEquals(host.calls.getString(host.db, 1), MISSING);
  assertEquals(host.calls.stringLength(host.db, 1), 0);
  assertEquals(host.calls.getRange(host.db, 1, 0, -1), 1);
  assertEquals(host.view(), "");
});
