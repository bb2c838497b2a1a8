/**
 * `@std/fs` for networks that cannot reach JSR: the functions that the project
 * uses, with the signatures of the original.
 */
export { walk, type WalkEntry, type WalkOptions } from "./walk.ts";
export { exists, type ExistsOptions } from "./exists.ts";
export { ensureDir } from "./ensure_dir.ts";
