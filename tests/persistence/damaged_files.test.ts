import { assert } from "@std/assert";
import { Random } from "../support/random.ts";
import { failingEngine } from "../support/engine.ts";
import { flipped, mutated, Patient, torn } from "./damage.ts";
import { payloadOf, smallFile, smallLog, smallValues } from "./small_files.ts";

/** The debug build: it proves more, and moves what may move. */
const FILE = smallFile();
const VALUES = smallValues();
const sick = async () => new Patient((await failingEngine()).engine);

Deno.test("a sound small file with all types is loaded", async () => {
  const patient = await sick();
  patient.load(FILE, { checksum: true });
  assert(patient.tally.loaded === 1);
});

Deno.test("a file that ends too early is refused, wherever it ends", async () => {
  const patient = await sick();
  const file = FILE;
  for (const bytes of torn(file)) patient.load(bytes, { checksum: false });
  assert(patient.tally.loaded === 0, JSON.stringify(patient.tally));
});

Deno.test("a flipped bit is no danger, whichever it is", async () => {
  const patient = await sick();
  for (const bytes of flipped(FILE)) {
    patient.load(bytes, { checksum: false });
  }
  const { loaded, refused } = patient.tally;
  assert(loaded > 500 && refused > 500, JSON.stringify(patient.tally));
});

Deno.test("files that were changed at random are no danger", async () => {
  const patient = await sick();
  const random = new Random(4);
  for (let i = 0; i < 3000; i++) {
    patient.load(mutated(FILE, random), { checksum: false });
  }
  assert(patient.tally.refused > 100, JSON.stringify(patient.tally));
});

Deno.test("a log is no danger either, torn, flipped or changed", async () => {
  const patient = await sick();
  const log = smallLog();
  patient.replay(log);
  assert(patient.tally.loaded === 1);
  for (const bytes of torn(log)) patient.replay(bytes);
  for (const bytes of flipped(log)) patient.replay(bytes);
  const random = new Random(5);
  for (let i = 0; i < 1000; i++) patient.replay(mutated(log, random));
  assert(patient.tally.refused > 1000, JSON.stringify(patient.tally));
});

Deno.test("payloads for RESTORE are no danger, flipped or changed", async () => {
  const patient = await sick();
  const random = new Random(6);
  for (const value of VALUES) {
    const before = patient.tally.loaded;
    patient.restore(payloadOf(value));
    assert(patient.tally.loaded === before + 1, String(value));
    for (const bytes of flipped(value)) patient.restore(payloadOf(bytes));
    for (let i = 0; i < 100; i++) {
      patient.restore(payloadOf(mutated(value, random)));
    }
  }
  assert(patient.tally.refused > 1000, JSON.stringify(patient.tally));
});
