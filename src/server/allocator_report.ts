import { type Census, PAGE_BYTES, takeCensus } from "../engine/census.ts";
import type { Engine } from "../engine/engine.ts";

/** MEMORY MALLOC-STATS: the engine's pages and blocks, as a text. */
export function allocatorReport(engine: Engine): string {
  const census = takeCensus(engine);
  const pages = (count: number) =>
    `${count} pages, ${count * PAGE_BYTES} bytes`;
  const lines = [
    "___ Begin keysaur allocator statistics ___",
    `Memory of the engine: ${engine.calls.reservedBytes()} bytes, ` +
    `of which ${engine.calls.touchedBytes()} were ever touched`,
    `In use: ${engine.calls.usedBytes()} bytes of blocks ` +
    `in ${engine.calls.activeBytes()} bytes of pages`,
    `Slabs of small blocks: ${pages(census.slabPages)}`,
    `Large blocks: ${census.runCount} in ${pages(census.runPages)}`,
    `Free: ${census.freeRunCount} runs, ${pages(census.freePages)}, ` +
    `the largest run ${pages(census.largestFreePages)}`,
    "",
    ...classLines(census),
    "--- End keysaur allocator statistics ---",
  ];
  return lines.join("\n") + "\n";
}

const COLUMNS = ["block bytes", "slabs", "blocks", "in use", "used bytes"];

function classLines({ classes }: Census): string[] {
  const rows = classes.map((one) => [
    one.blockBytes,
    one.slabCount,
    one.blockCount,
    one.usedCount,
    one.blockBytes * one.usedCount,
  ]);
  return [COLUMNS, ...rows].map((row) =>
    row.map((cell) => String(cell).padStart(12)).join("")
  );
}
