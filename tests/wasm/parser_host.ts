/**
 * The request parser for tests, alone with the allocator, and clients that send
 * to it as the server does. One character of text stands for one byte.
 */
import { assertEquals, AssertionError } from "@std/assert";
import { Buffer } from "node:buffer";
import {
  type AllocatorExports,
  Instance,
  loadModules,
} from "../support/wasm.ts";

/** What the modules under test export, as far as the tests call it. */
export interface ParserExports extends AllocatorExports {
  argumentCount(): number;
  argumentPtr(index: number): number;
  argumentBytes(index: number): number;
  pushArgument(ptr: number, byteCount: number): number;
  pushBlock(byteCount: number): number;
  takeArgument(index: number): number;
  releaseArguments(): void;
  verifyArguments(): number;
  parseNext(): number;
  setSource(ptr: number, byteCount: number): void;
  verifyParser(): number;
  feed(input: number, wantedBytes: number): number;
  feedRoom(): number;
  fed(byteCount: number): void;
  resumeInput(input: number): void;
  suspend(input: number): number;
  freeInput(input: number): void;
  inputBytes(input: number): number;
  inputCapacity(input: number): number;
  enterSource(ptr: number, byteCount: number): number;
  leaveSource(): void;
  verifyInput(input: number): number;
  errorByte(): number;
  setParserLimits(args: number, bulkBytes: number, lineBytes: number): void;
  setParserTrust(level: number): void;
  parseInteger(at: number, byteCount: number): number;
  parsedInteger: WebAssembly.Global;
  formatInteger(at: number, value: bigint): number;
  digitCount(value: bigint): number;
  integerByteCount(value: bigint): number;
}

const INPUT_LOST = 0xffffffff;

const MODULES = [
  "allocator",
  "arguments",
  "face",
  "input",
  "number",
  "parser",
];

/** A fresh instance. A debug build can fail allocations and poisons memory. */
export async function loadParser(debug: boolean): Promise<Host> {
  return new Host(await loadModules<ParserExports>(MODULES, { debug }));
}

/** One instance, with its memory as text. */
export class Host extends Instance<ParserExports> {
  write(address: number, text: string): void {
    this.bytes(address, text.length).set(Buffer.from(text, "latin1"));
  }

  read(address: number, byteCount: number): string {
    const { buffer } = this.calls.memory;
    return Buffer.from(buffer, address, byteCount).toString("latin1");
  }

  /** Writes text to the very end of the memory and returns its address. */
  writeAtEnd(text: string): number {
    const address = this.calls.memory.buffer.byteLength - text.length;
    this.write(address, text);
    return address;
  }

  argument(index: number): string {
    const address = this.calls.argumentPtr(index) >>> 0;
    return this.read(address, this.calls.argumentBytes(index));
  }

  /** The current command. */
  command(): string[] {
    return Array.from(
      { length: this.calls.argumentCount() },
      (_, index) => this.argument(index),
    );
  }

  /** The text of argument i's own block, which is freed. */
  takeText(index: number): string | null {
    const block = this.calls.takeArgument(index) >>> 0;
    if (block === 0) return null;
    const text = this.read(block + 4, this.word(block));
    this.calls.free(block);
    return text;
  }

  verifyParsing(): void {
    assertEquals(this.calls.verifyArguments(), 0, "arguments");
    assertEquals(this.calls.verifyParser(), 0, "parser");
  }

  /** Nothing is held any more, now that no client is left. */
  verifyEmpty(context?: string): void {
    this.calls.releaseArguments();
    assertEquals(this.calls.usedBytes(), 0, context);
    this.verify();
  }
}

/** Compares commands without showing all of their bytes when they differ. */
export function assertCommands(
  met: string[][],
  expected: string[][],
  context = "",
): void {
  if (JSON.stringify(met) === JSON.stringify(expected)) return;
  const at = expected.findIndex((words, i) =>
    JSON.stringify(words) !== JSON.stringify(met[i])
  );
  const brief = (words?: string[]) => JSON.stringify(words)?.slice(0, 300);
  throw new AssertionError(
    `${context}: ${met.length} commands, expected ${expected.length}; ` +
      `command ${at} is ${brief(met[at])}, expected ${brief(expected[at])}`,
  );
}

/** A client whose commands and error are kept. */
export class Client {
  readonly commands: string[][] = [];
  /** The code that ended the client. */
  error: number | null = null;
  input = 0;
  /** Called for each command, while its arguments are in place. */
  onCommand: () => void = () => {};
  /** False when the commands are too large to be kept as text. */
  isRecording = true;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Sends one chunk and lets every whole command be parsed. */
  send(text: string): void {
    let sent = 0;
    while (sent < text.length && this.error === null) {
      sent += this.offer(text.slice(sent));
      if (this.error === null) this.parse();
    }
  }

  /** Makes bytes active, as many as there is room for, and tells how many. */
  offer(text: string): number {
    const { calls } = this.#host;
    const address = calls.feed(this.input, text.length) >>> 0;
    if (address === 0) {
      this.#lose();
      return 0;
    }
    const byteCount = Math.min(text.length, calls.feedRoom());
    this.#host.write(address, text.slice(0, byteCount));
    calls.fed(byteCount);
    return byteCount;
  }

  /** Parses all that is active and suspends. */
  parse(): void {
    const { calls } = this.#host;
    let code: number;
    while ((code = calls.parseNext()) === 1) {
      this.#host.verifyParsing();
      if (this.isRecording) this.commands.push(this.#host.command());
      this.onCommand();
    }
    this.#host.verifyParsing();
    this.suspend();
    if (code === 0) return;
    this.error = code;
    this.close();
  }

  suspend(): void {
    const { calls } = this.#host;
    this.input = calls.suspend(this.input) >>> 0;
    this.#host.verifyParsing();
    if (this.input === INPUT_LOST) this.#lose();
    if (this.input !== 0) assertEquals(calls.verifyInput(this.input), 0);
  }

  close(): void {
    if (this.input !== 0) this.#host.calls.freeInput(this.input);
    this.input = 0;
  }

  /** Out of memory: the input is gone already. */
  #lose(): void {
    this.input = 0;
    this.error = -1;
  }
}

/** Cuts text into chunks of one size. */
export function* chunks(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) {
    yield text.slice(at, at + size);
  }
}

export function sendAll(client: Client, text: string, chunkSize: number): void {
  for (const chunk of chunks(text, chunkSize)) client.send(chunk);
}
