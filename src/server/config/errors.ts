/** What can be wrong with a configuration, and how it is said. */

/** Why a value was not taken. The reason is Redis's text, which is API. */
export class Refusal {
  constructor(readonly reason: string) {}
}

/** Where a configuration line stands. */
export interface Place {
  /** The path of the file, or words for what is not a file. */
  readonly source: string;
  readonly lineNumber: number;
  /** The line without the blanks around it. */
  readonly line: string;
}

/** The server must not start. The message is complete and ready to print. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** A bad line, or with no place a configuration that is wrong as a whole. */
export function configFileError(
  reason: string,
  place?: Place,
): StartError {
  const lines = ["", "*** FATAL CONFIG FILE ERROR (Keysaur) ***"];
  if (place !== undefined) {
    lines.push(
      `Reading the configuration file, at line ${place.lineNumber}` +
        ` of ${place.source}`,
      `>>> '${place.line}'`,
    );
  }
  lines.push(reason);
  return new StartError(lines.join("\n"));
}

/** A file system error in the words that the C library has for it. */
export function describeFileError(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "No such file or directory";
  if (error instanceof Deno.errors.PermissionDenied) return "Permission denied";
  if (error instanceof Deno.errors.NotCapable) return "Permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "Is a directory";
  if (error instanceof Deno.errors.NotADirectory) return "Not a directory";
  return error instanceof Error ? error.message : String(error);
}
