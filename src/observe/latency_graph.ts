import type { LatencySample } from "../commands/observation.ts";
import type { LatencySeries } from "./latency_monitor.ts";

const COLUMNS = 80;
const ROWS = 4;
/** How much of its row the top of a column fills: little, half, nearly all. */
const TOPS = ["_", "o", "#"];

/**
 * A series as a picture of letters: a column for each sample, from the lowest
 * to the highest, and below it, from top to bottom, how long ago it was.
 */
export function latencyGraph(
  event: string,
  { samples, maxMs }: LatencySeries,
  nowMs: number,
): string {
  const values = samples.map(({ ms }) => ms);
  const high = Math.max(...values);
  const low = Math.min(...values);
  const now = Math.floor(nowMs / 1000);
  const pictures: string[] = [];
  for (let from = 0; from < samples.length; from += COLUMNS) {
    const part = samples.slice(from, from + COLUMNS);
    pictures.push(picture(part, low, high, now));
  }
  return `${event} - high ${high} ms, low ${low} ms ` +
    `(all time high ${maxMs} ms)\n` +
    `${"-".repeat(COLUMNS)}\n${pictures.join("\n")}`;
}

function picture(
  samples: readonly LatencySample[],
  low: number,
  high: number,
  now: number,
): string {
  const stepCount = TOPS.length * ROWS;
  const span = Math.max(1, high - low);
  const steps = samples.map(({ ms }) =>
    Math.min(stepCount - 1, Math.floor((ms - low) * stepCount / span))
  );
  const labels = samples.map(({ unixSeconds }) => ago(now - unixSeconds));
  const lines: string[] = [];
  for (let row = ROWS - 1; row >= 0; row--) {
    lines.push(steps.map((step) => cell(step - row * TOPS.length)).join(""));
  }
  lines.push(" ".repeat(samples.length));
  const labelRows = Math.max(...labels.map((label) => label.length));
  for (let row = 0; row < labelRows; row++) {
    lines.push(labels.map((label) => label[row] ?? " ").join(""));
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** What a row shows of a column that ends so many steps above its bottom. */
function cell(step: number): string {
  if (step < 0) return " ";
  return TOPS[step] ?? "|";
}

function ago(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
