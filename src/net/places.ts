/**
 * Places for descriptors.
 *
 * Linux keeps a process's descriptors in a table of 256, 512, 1024, ... places.
 * Whichever thread needs one more than there are waits until all others have
 * noticed the larger table, 10 to 30 ms. In a burst of connections that was the
 * loop, six times on the way to ten thousand; so other threads do it before, by
 * opening a directory very often. The table never shrinks, and all servers of a
 * process share it.
 */

/** More than what a process has open besides its clients. */
const OTHERS_COUNT = 128;
const FIRST_COUNT = 256;
const AT_A_TIME = 2;
const CLOSED_AT_A_TIME = 64;
/** Of the process, or of the whole system. */
const NO_PLACE = new Set(["EMFILE", "ENFILE"]);

/** What the table has, so far as we have seen to it. */
let placeCount = FIRST_COUNT;

/**
 * Makes places for so many clients; `dir` is any directory that may be read.
 * Resolves when that is over: whether the system has given as many, for
 * otherwise there were none left for a moment. (A worker would do it sooner,
 * but to start one takes the loop longer than what is to be spared.)
 */
export async function makePlaces(
  clientCount: number,
  dir: string,
  signal: AbortSignal,
): Promise<boolean> {
  let wantedCount = placeCount;
  while (wantedCount < clientCount + OTHERS_COUNT) wantedCount *= 2;
  if (wantedCount === placeCount || Deno.build.os !== "linux") return true;
  const before = placeCount;
  placeCount = wantedCount;
  const opened: Deno.FsFile[] = [];
  // The table doubles when there is one more than half of what is wanted.
  let leftCount = wantedCount / 2 + 1;
  const openSome = async () => {
    while (leftCount-- > 0 && !signal.aborted) {
      opened.push(await Deno.open(dir));
    }
  };
  const openings = Array.from({ length: AT_A_TIME }, openSome);
  const results = await Promise.allSettled(openings);
  const areEnough = results.every(({ status }) => status === "fulfilled");
  if (signal.aborted) placeCount = before;
  // When the system gives no more, others need at once what we have taken.
  while (opened.length > 0) {
    const mayLast = areEnough && !signal.aborted;
    const count = mayLast ? CLOSED_AT_A_TIME : opened.length;
    for (const file of opened.splice(-count)) file.close();
    await new Promise((settle) => setTimeout(settle, 0));
  }
  return areEnough;
}

/** Whether the system gives this process one more descriptor. */
export function hasPlace(dir: string): boolean {
  try {
    Deno.openSync(dir).close();
    return true;
  } catch (error) {
    return !NO_PLACE.has((error as { code?: string }).code ?? "");
  }
}
