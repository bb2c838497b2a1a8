import type { Engine } from "./engine.ts";

/** The blocks of one size. */
export interface SizeClass {
  readonly blockBytes: number;
  readonly slabCount: number;
  /** Blocks that the slabs have room for. */
  readonly blockCount: number;
  readonly usedCount: number;
}

/** What the engine's pages are used for. */
export interface Census {
  readonly runCount: number;
  readonly runPages: number;
  readonly freeRunCount: number;
  readonly freePages: number;
  readonly largestFreePages: number;
  readonly slabPages: number;
  /** Only sizes that have a slab. */
  readonly classes: readonly SizeClass[];
}

export const PAGE_BYTES = 4096;

/** Words of the table in wasm/census.ts. */
const HEAD_WORDS = 8, CLASS_WORDS = 5;

/** Walks over the page table. */
export function takeCensus({ calls }: Engine): Census {
  calls.takeCensus();
  const word = (index: number) => calls.censusWord(index) >>> 0;
  const classes: SizeClass[] = [];
  for (let i = 0; i < word(0); i++) {
    const at = HEAD_WORDS + i * CLASS_WORDS;
    if (word(at + 1) === 0) continue;
    classes.push({
      blockBytes: word(at),
      slabCount: word(at + 1),
      blockCount: word(at + 2),
      usedCount: word(at + 4),
    });
  }
  return {
    runCount: word(1),
    runPages: word(2),
    freeRunCount: word(3),
    freePages: word(4),
    largestFreePages: word(5),
    slabPages: word(6),
    classes,
  };
}
