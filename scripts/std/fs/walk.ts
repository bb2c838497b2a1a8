/** What to visit below the root. Patterns are tried on the whole path. */
export interface WalkOptions {
  includeFiles?: boolean;
  includeDirs?: boolean;
  exts?: string[];
  match?: RegExp[];
  skip?: RegExp[];
}

export interface WalkEntry extends Deno.DirEntry {
  path: string;
}

/** Visits a directory and everything below it, symbolic links not followed. */
export async function* walk(
  root: string,
  options: WalkOptions = {},
): AsyncIterableIterator<WalkEntry> {
  if (options.skip?.some((pattern) => pattern.test(root))) return;
  if ((options.includeDirs ?? true) && wanted(root, options)) {
    const name = root.replace(/\/+$/, "").split("/").at(-1) ?? root;
    const kind = { isDirectory: true, isFile: false, isSymlink: false };
    yield { path: root, name, ...kind };
  }
  for await (const entry of Deno.readDir(root)) {
    const path = `${root.replace(/\/+$/, "")}/${entry.name}`;
    if (entry.isDirectory) {
      yield* walk(path, options);
    } else if (
      (options.includeFiles ?? true) && wanted(path, options) &&
      !options.skip?.some((pattern) => pattern.test(path))
    ) {
      yield { path, ...entry };
    }
  }
}

function wanted(path: string, options: WalkOptions): boolean {
  const { exts, match } = options;
  if (exts && !exts.some((ext) => path.endsWith(dotted(ext)))) return false;
  return !match || match.some((pattern) => pattern.test(path));
}

function dotted(ext: string): string {
  return ext.startsWith(".") ? ext : `.${ext}`;
}
