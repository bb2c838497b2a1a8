/**
 * The checked-in replies of a real server. One file a group, one JSON value a
 * line, so that a change reads well in a diff: a line of text names a script,
 * and every array after it is one step: the step, its outcome, and the outcome
 * in RESP3 where that is not the same.
 */

import { type Group, type Script, showStep } from "./script.ts";
import { agree } from "./compare.ts";
import type { Outcomes, Recording } from "./run.ts";

const directory = new URL("./recorded/", import.meta.url);

function fileOf(group: Group): URL {
  return new URL(`${group.name}.jsonl`, directory);
}

/** Reads a group's recordings; scripts that changed since are left out. */
export async function readRecorded(
  group: Group,
): Promise<Map<string, Recording>> {
  const byName = new Map<string, unknown[][]>();
  let lines: unknown[][] = [];
  for (const line of (await readTextOrNothing(fileOf(group))).split("\n")) {
    if (line === "") continue;
    const value: unknown = JSON.parse(line);
    if (Array.isArray(value)) lines.push(value);
    else byName.set(String(value), lines = []);
  }
  const recordings = new Map<string, Recording>();
  for (const script of group.scripts) {
    const recording = toRecording(script, byName.get(script.name) ?? []);
    if (recording !== null) recordings.set(script.name, recording);
  }
  return recordings;
}

async function readTextOrNothing(file: URL): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function toRecording(script: Script, lines: unknown[][]): Recording | null {
  const changed = lines.length !== script.steps.length ||
    lines.some((line, index) => line[0] !== showStep(script.steps[index]));
  if (changed) return null;
  const outcomes = lines.map((line) => String(line[1]));
  const outcomes3 = lines.map((line) => String(line[2] ?? line[1]));
  return new Map(
    script.protocols.map((protocol): [typeof protocol, Outcomes] => [
      protocol,
      protocol === 3 && script.protocols.length > 1 ? outcomes3 : outcomes,
    ]),
  );
}

/**
 * Writes a group's recordings. Where a new reply agrees with the one before as
 * closely as its script asks, the one before stays: a recording changes only
 * when something else changed.
 */
export async function writeRecorded(
  group: Group,
  recordings: Map<string, Recording>,
): Promise<void> {
  const before = await readRecorded(group);
  const lines: string[] = [];
  for (const script of group.scripts) {
    const now = recordings.get(script.name);
    if (now === undefined) throw new Error(`no recording of ${script.name}`);
    const merged = mergeRecordings(script, before.get(script.name), now);
    lines.push(JSON.stringify(script.name));
    const [first, second] = script.protocols.map((each) => merged.get(each));
    for (const [index, step] of script.steps.entries()) {
      const line = [showStep(step), first?.[index]];
      if (second && second[index] !== line[1]) line.push(second[index]);
      lines.push(JSON.stringify(line));
    }
  }
  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(fileOf(group), lines.join("\n") + "\n");
}

/** Stands for a reply whose words do not matter: another's are not kept. */
const IGNORED = "+ignored\r\n";

function mergeRecordings(
  script: Script,
  before: Recording | undefined,
  now: Recording,
): Recording {
  const merged: Recording = new Map();
  for (const [protocol, outcomes] of now) {
    const old = before?.get(protocol);
    merged.set(
      protocol,
      outcomes.map((outcome, index) => {
        const step = script.steps[index];
        const loose = step.act === "run" ? step.loose : null;
        if (loose?.kind === "ignore") return IGNORED;
        const stays = old !== undefined && loose !== null &&
          agree(loose, old[index], outcome);
        return stays ? old[index] : outcome;
      }),
    );
  }
  return merged;
}
