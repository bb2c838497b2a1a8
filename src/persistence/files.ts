/**
 * Small things that all files of a data set need: whole writes, directories
 * that are on disk, and the system's reasons in the words of the C library,
 * which is what people who run servers search their logs for.
 */

/** Writes all of it; a file may take less than it is given. */
export async function writeAll(
  file: Deno.FsFile,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await file.write(at === 0 ? bytes : bytes.subarray(at));
  }
}

export function writeAllSync(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    at += file.writeSync(at === 0 ? bytes : bytes.subarray(at));
  }
}

/** Windows opens no directories, and keeps their entries by itself. */
const SYNCS_DIRECTORIES = Deno.build.os !== "windows";

/** Brings the names of a directory to disk: new, removed and renamed ones. */
export async function syncDirectory(path: string): Promise<void> {
  if (!SYNCS_DIRECTORIES) return;
  using directory = await Deno.open(path);
  await directory.sync();
}

export function syncDirectorySync(path: string): void {
  if (!SYNCS_DIRECTORIES) return;
  using directory = Deno.openSync(path);
  directory.syncSync();
}

/** Removes a file if it is there and that is allowed. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // What cannot be removed is found again at the next start.
  }
}

/** Why the system refused, as strerror says it. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Deno.errors.NotFound) return "No such file or directory";
  if (error instanceof Deno.errors.PermissionDenied) return "Permission denied";
  if (error instanceof Deno.errors.NotCapable) return "Permission denied";
  return error.message.match(/^(.*?) \(os error \d+\)/)?.[1] ?? error.message;
}
