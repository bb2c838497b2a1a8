/** The files that an include with wildcards means, as the shell finds them. */
import { globMatch, isGlob } from "../../protocol/glob.ts";

/**
 * All existing paths that match, sorted. A wildcard matches no leading dot and
 * no slash; a directory that cannot be listed has nothing in it.
 */
export function expandGlob(
  pattern: string,
  listDirectory: (path: string) => readonly string[],
): string[] {
  // The shell writes a negated class with `!`, Redis's match with `^`.
  const parts = pattern.replaceAll("[!", "[^").split(/(?<=\/)/);
  let paths = [""];
  for (const part of parts) {
    const slash = part.endsWith("/") ? "/" : "";
    const name = slash === "" ? part : part.slice(0, -1);
    // A directory that is named outright is looked into, not looked for: the
    // one above it need not be readable.
    const isGiven = slash !== "" && !isGlob(name);
    paths = paths.flatMap((parent) => {
      if (isGiven) return [parent + part];
      return matchingNames(parent, name, listDirectory)
        .map((found) => parent + found + slash);
    });
  }
  return paths.sort();
}

function matchingNames(
  parent: string,
  pattern: string,
  listDirectory: (path: string) => readonly string[],
): string[] {
  const isPattern = isGlob(pattern);
  let names: readonly string[];
  try {
    names = listDirectory(parent === "" ? "." : parent);
  } catch {
    return [];
  }
  return names.filter((name) =>
    isPattern
      ? (pattern.startsWith(".") || !name.startsWith(".")) &&
        globMatch(pattern, name, false)
      : name === pattern
  );
}
