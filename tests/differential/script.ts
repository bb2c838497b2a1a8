/**
 * Scripts of commands: what the differential tester sends, and how closely two
 * servers' replies to each call must agree.
 *
 * A script is data. Its body only writes steps down, so the same script can be
 * sent to any server, in either protocol, as often as somebody likes. All text
 * is binary-safe: one character stands for one byte (`\xff` is the byte 255).
 */

/** How closely a reply must agree with the real server's. */
export type Looseness =
  | { kind: "exact" }
  /** The elements of an array, set or map may come in any order. */
  | { kind: "unordered" }
  /** Numbers agree when rounded to so many decimal places. */
  | { kind: "rounded"; digits: number }
  /** Integers agree when no further apart than this. */
  | { kind: "approximate"; tolerance: number }
  /** Types and lengths of aggregates agree; leaves only in their type. */
  | { kind: "sameShape" }
  /** Errors agree in their first word; anything else agrees exactly. */
  | { kind: "errorPrefix"; reason: string }
  /** Redis 7.2 answers this, and the recorded 7.0 something else. */
  | { kind: "differs"; reason: string; expected: Expected }
  /** Only that a reply arrives. */
  | { kind: "ignore"; reason: string };

/** A reply in protocol bytes, or what becomes of the recorded one. */
export type Expected =
  | string
  | ((recorded: string, protocol: Protocol) => string);

export type Step =
  /** Send a command and compare its reply. */
  | { act: "run"; client: string; args: string[]; loose: Looseness }
  /** Send a command that gets no reply. */
  | { act: "silent"; client: string; args: string[] }
  /** Follow a SCAN cursor to its end; the reply is the set of all keys. */
  | { act: "scan"; client: string; args: string[] }
  /** The server closes this connection, and sends nothing more before it. */
  | { act: "closed"; client: string };

export type Protocol = 2 | 3;

export interface Script {
  name: string;
  protocols: Protocol[];
  steps: Step[];
}

export interface Group {
  name: string;
  scripts: Script[];
}

/** Everything a script can do, through one of its connections. */
export class Teller {
  #steps: Step[];
  #client: string;

  constructor(steps: Step[], client: string) {
    this.#steps = steps;
    this.#client = client;
  }

  /** The same script, spoken through another connection. */
  client(name: string): Teller {
    return new Teller(this.#steps, name);
  }

  /**
   * Runs a command. The line is split at spaces; quotes hold a word together
   * and nothing is an escape. The words after the line are taken as they are.
   */
  run(line: string, ...words: string[]): void {
    this.#run({ kind: "exact" }, line, words);
  }

  /** Runs several command lines, each compared exactly. */
  all(...lines: string[]): void {
    for (const line of lines) this.run(line);
  }

  unordered(line: string, ...words: string[]): void {
    this.#run({ kind: "unordered" }, line, words);
  }

  rounded(digits: number, line: string, ...words: string[]): void {
    this.#run({ kind: "rounded", digits }, line, words);
  }

  approximate(tolerance: number, line: string, ...words: string[]): void {
    this.#run({ kind: "approximate", tolerance }, line, words);
  }

  sameShape(line: string, ...words: string[]): void {
    this.#run({ kind: "sameShape" }, line, words);
  }

  errorPrefix(reason: string, line: string, ...words: string[]): void {
    this.#run({ kind: "errorPrefix", reason }, line, words);
  }

  /** Expects another reply than the recorded one. */
  differs(
    reason: string,
    expected: Expected,
    line: string,
    ...words: string[]
  ): void {
    this.#run({ kind: "differs", reason, expected }, line, words);
  }

  ignore(reason: string, line: string, ...words: string[]): void {
    this.#run({ kind: "ignore", reason }, line, words);
  }

  /** Runs a command that gets no reply, as after CLIENT REPLY OFF. */
  silent(line: string, ...words: string[]): void {
    const args = [...splitLine(line), ...words];
    this.#steps.push({ act: "silent", client: this.#client, args });
  }

  /** Runs SCAN with these options from cursor 0 until it returns there. */
  scan(options = "", ...words: string[]): void {
    const args = [...splitLine(options), ...words];
    this.#steps.push({ act: "scan", client: this.#client, args });
  }

  /** Expects the connection's end. */
  closed(): void {
    this.#steps.push({ act: "closed", client: this.#client });
  }

  #run(loose: Looseness, line: string, words: string[]): void {
    const args = [...splitLine(line), ...words];
    this.#steps.push({ act: "run", client: this.#client, args, loose });
  }
}

/** Writes a script down. It is run in both protocols unless said otherwise. */
export function script(
  name: string,
  body: (t: Teller) => void,
  protocols: Protocol[] = [2, 3],
): Script {
  const steps: Step[] = [];
  body(new Teller(steps, "main"));
  return { name, protocols, steps };
}

export function group(name: string, scripts: Script[]): Group {
  const names = new Set<string>();
  for (const each of scripts) {
    if (names.has(each.name)) {
      throw new Error(`two scripts of ${name} are called "${each.name}"`);
    }
    names.add(each.name);
  }
  return { name, scripts };
}

/** Splits a command line at spaces; '...' and "..." are one word each. */
export function splitLine(line: string): string[] {
  const words: string[] = [];
  const pattern = /"([^"]*)"|'([^']*)'|([^ ]+)/g;
  for (const match of line.matchAll(pattern)) {
    words.push(match[1] ?? match[2] ?? match[3]);
  }
  return words;
}

const longestShownWord = 60;

/** A command as a person can read it, and as recordings name it. */
export function showCommand(args: string[]): string {
  return args.map(showWord).join(" ");
}

function showWord(word: string): string {
  if (word.length > longestShownWord) {
    const start = JSON.stringify(word.slice(0, 20)).slice(1, -1);
    return `<${start}... ${word.length} bytes ${textHash(word)}>`;
  }
  if (/^[\x21\x23-\x26\x28-\x7e]+$/.test(word)) return word;
  return JSON.stringify(word);
}

/** FNV-1a, to tell long words apart without writing them out. */
function textHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}

/** What a step is called in recordings and in messages. */
export function showStep(step: Step): string {
  const from = step.client === "main" ? "" : `[${step.client}] `;
  switch (step.act) {
    case "run":
      return from + showCommand(step.args);
    case "silent":
      return `${from}${showCommand(step.args)} (no reply)`;
    case "scan":
      return `${from}${showCommand(["SCAN", "0..0", ...step.args])}`;
    case "closed":
      return `${from}(closed)`;
  }
}
