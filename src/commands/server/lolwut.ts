/** LOLWUT: a picture, and the version below it. */
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

export const lolwut = command({
  name: "LOLWUT",
  group: "server",
  since: "5.0.0",
  summary: "Draws a picture and names the version",
  flags: ["readonly", "fast"],
  args: [arg.integer("version").token("VERSION").optional()],
  run(call) {
    const hasVersion = call.argc > 2 && call.is(1, "VERSION");
    const version = hasVersion ? call.integer(2) : NaN;
    const picture = pictureOf(call, version, hasVersion ? 3 : 1);
    call.reply.verbatim(`${picture}Redis ver. ${call.server.redisVersion}\n`);
  },
});

/** The versions that Redis has pictures for; what follows sets their size. */
function pictureOf(call: Call, version: number, first: number): string {
  if (version === 5) {
    const [columns, rows] = sizeAt(call, first, 66, 12);
    return maze(columns, rows, Math.random) +
      "\nA maze from one line of BASIC, as people typed it in 1982. ";
  }
  if (version === 6) {
    const [columns, rows] = sizeAt(call, first, 80, 20);
    return ruleThirty(columns, rows, Math.random) +
      "\nRule 30: each cell looks at three above it, and order is gone. ";
  }
  return KEYSAUR;
}

const SIZE_MAX = 1000;

function sizeAt(
  call: Call,
  first: number,
  columns: number,
  rows: number,
): [columns: number, rows: number] {
  const limited = (size: number) => Math.min(Math.max(1, size), SIZE_MAX);
  if (call.argc > first) columns = limited(call.integer(first));
  if (call.argc > first + 1) rows = limited(call.integer(first + 1));
  return [columns, rows];
}

/** Slashes that lean either way, which make walls and ways. */
export function maze(
  columns: number,
  rows: number,
  random: () => number,
): string {
  let picture = "";
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      picture += random() < 0.5 ? "╱" : "╲";
    }
    picture += "\n";
  }
  return picture;
}

/** A cellular automaton, two generations in each row of text. */
export function ruleThirty(
  columns: number,
  rows: number,
  random: () => number,
): string {
  let cells = Array.from({ length: columns }, () => random() < 0.1);
  let picture = "";
  for (let row = 0; row < rows; row++) {
    const below = generationAfter(cells);
    picture += cells.map((upper, i) => HALVES[+upper + 2 * +below[i]]).join("");
    picture += "\n";
    cells = generationAfter(below);
  }
  return picture;
}

/** Nothing, the upper half of a character cell, the lower one, both. */
const HALVES = [" ", "▀", "▄", "█"];

/** The row is a ring. */
function generationAfter(cells: readonly boolean[]): boolean[] {
  const last = cells.length - 1;
  return cells.map((cell, i) =>
    cells[i === 0 ? last : i - 1] !== (cell || cells[i === last ? 0 : i + 1])
  );
}

/** It stands on its legs and wears its key as a tail. */
const KEYSAUR = String.raw`
   .---.                         ____
  /  _  \    /\  /\  /\  /\     / o  \____
 |  (_)  |=='  \/  \/  \/  \==='   _______)
  \     /  | | |  __      __  |   (_vvvvv
   '---'   '-'-'-|  |----|  |-'\_______)
                _|__|   _|__|

`;
