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
let making = Promise.resolve(true);

/**
 * Makes places for so many clients, for as long as they are wanted; `dir` is
 * any directory that may be read. Resolves when nothing is open any more:
 * whether the system has given as many, for otherwise there were none left.
 */
export function makePlaces(
  clientCount: number,
  dir: string,
  areWanted: () => boolean,
): Promise<boolean> {
  const neededCount = clientCount + OTHERS_COUNT;
  if (Deno.build.os !== "linux") return making;
  return making = making.then(() => make(neededCount, dir, areWanted));
}

async function make(
  neededCount: number,
  dir: string,
  areWanted: () => boolean,
): Promise<boolean> {
  let wantedCount = placeCount;
  while (wantedCount < neededCount) wantedCount *= 2;
  if (wantedCount === placeCount) return true;
  const opened: Deno.FsFile[] = [];
  // The table doubles when there is one more than half of what is wanted.
  let leftCount = wantedCount / 2 + 1;
  const openSome = async () => {
    while (leftCount-- > 0 && areWanted()) opened.push(await Deno.open(dir));
  };
  const openings = Array.from({ length: AT_A_TIME }, openSome);
  const results = await Promise.allSettled(openings);
  const isEnough = results.every(({ status }) => status === "fulfilled");
  if (areWanted()) placeCount = wantedCount;
  // When the system allows no more, others need what we have taken.
  while (opened.length > 0) {
    const count = isEnough && areWanted() ? CLOSED_AT_A_TIME : opened.length;
    for (const file of opened.splice(-count)) file.close();
    await new Promise((settle) => setTimeout(settle, 0));
  }
  return isEnough;
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
