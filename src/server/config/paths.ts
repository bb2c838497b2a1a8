import { isAbsolute, join, normalize } from "node:path";

/** The path as seen from the directory, without `.`, `..` and a last slash. */
export function resolvePath(directory: string, path: string): string {
  const whole = isAbsolute(path) ? normalize(path) : join(directory, path);
  return whole.length > 1 ? whole.replace(/(?<!:)[/\\]$/, "") : whole;
}
