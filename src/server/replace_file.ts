import { dirname } from "node:path";
import { syncDirectorySync, writeAllSync } from "../persistence/files.ts";

/**
 * Gives a file new contents in one step: whatever happens, it is the old one or
 * the new one, whole and on disk.
 */
export function replaceFile(path: string, bytes: Uint8Array): void {
  // One name for all attempts: what a failed one leaves behind is overwritten.
  const newPath = `${path}.tmp`;
  {
    using file = Deno.openSync(newPath, {
      write: true,
      create: true,
      truncate: true,
    });
    writeAllSync(file, bytes);
    file.syncSync();
  }
  Deno.renameSync(newPath, path);
  syncDirectorySync(dirname(path));
}
