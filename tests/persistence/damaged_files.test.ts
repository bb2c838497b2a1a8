import { assert } from "@std/assert";
import { Random } from "../support/random.ts";
import { failingEngine } from "../support/engine.ts";
import { flipped, mutated, Patient, torn } from "./damage.ts";
import { smallFile } from "./small_files.ts";

/** The debug build: it proves more, and moves what may move. */
const FILE = smallFile();
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
