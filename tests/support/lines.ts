/** Lines of words, as tests write commands and read replies and logs. */
import { encodeCommands } from "./client.ts";

/** The words of a line; '' is an empty one. */
export function wordsOf(line: string): string[] {
  return line.split(" ").map((word) => word === "''" ? "" : word);
}

/** Lines as commands in one piece. */
export function pipelined(...lines: string[]): Uint8Array<ArrayBuffer> {
  return encodeCommands(lines.map(wordsOf));
}

/** The lines of a stream with a space between them. */
export function flat(text: string): string {
  return text.trimEnd().replaceAll("\r\n", " ");
}

/** The same with lengths left out. */
export function shown(text: string): string {
  return flat(text.replaceAll(/\$\d+\r\n/g, ""));
}

/** The commands of a log of effects, a line each. */
export function commandsIn(log: string): string[] {
  return log.split(/\*\d+\r\n/).slice(1).map(shown);
}
