import { writeAll, writeAllSync } from "../files.ts";
import type { BaseSnapshot } from "./faces.ts";

/** So much is written before it is brought to the disk, if in parts. */
const PART_BYTES = 4 * 2 ** 20;

export interface BaseOptions {
  /** Brings it to the disk while it is written, not all at its end. */
  readonly syncsInParts: boolean;
  /** The time that the file begins with, in seconds; null for none. */
  readonly stamp: number | null;
}

/** Writes a base, whole and on the disk when it resolves; returns its size. */
export async function writeBase(
  path: string,
  snapshot: BaseSnapshot,
  { syncsInParts, stamp }: BaseOptions,
): Promise<number> {
  using file = await Deno.open(path, CREATE);
  let byteCount = 0, unsyncedBytes = 0;
  const write = async (bytes: Uint8Array) => {
    await writeAll(file, bytes);
    byteCount += bytes.length;
    unsyncedBytes += bytes.length;
    if (!syncsInParts || unsyncedBytes < PART_BYTES) return;
    unsyncedBytes = 0;
    await file.syncData();
  };
  if (stamp !== null) await write(stampBytes(stamp));
  await snapshot.run(write);
  await file.sync();
  return byteCount;
}

/** The same before anything else happens. */
export function writeBaseSync(
  path: string,
  snapshot: BaseSnapshot,
  { stamp }: BaseOptions,
): number {
  using file = Deno.openSync(path, CREATE);
  let byteCount = 0;
  const write = (bytes: Uint8Array) => {
    writeAllSync(file, bytes);
    byteCount += bytes.length;
  };
  if (stamp !== null) write(stampBytes(stamp));
  snapshot.runSync(write);
  file.syncSync();
  return byteCount;
}

const CREATE = { write: true, create: true, truncate: true } as const;

/** A line that says what time it is; loading passes over it. */
export function stampBytes(second: number): Uint8Array {
  return new TextEncoder().encode(`#TS:${second}\r\n`);
}
