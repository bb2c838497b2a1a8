import { join } from "node:path";
import { encodeCommands, type Word } from "../../support/client.ts";
import type { GivenValues } from "../../../src/server/config/config.ts";
import { Bench } from "../../dispatch/harness.ts";
import { latin1 } from "../../support/reply.ts";

/** A directory with an append-only file that a test has written by hand. */
export class LogDir implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "keysaur-" });

  /** A file of the log; its directory is there afterwards. */
  write(name: string, content: string | Uint8Array): void {
    Deno.mkdirSync(join(this.path, "appendonlydir"), { recursive: true });
    this.writeOutside(`appendonlydir/${name}`, content);
  }

  /** A file beside the directory of the log. */
  writeOutside(name: string, content: string | Uint8Array): void {
    const bytes = typeof content === "string" ? bytesOf(content) : content;
    Deno.writeFileSync(join(this.path, name), bytes);
  }

  manifest(...lines: string[]): void {
    this.write("appendonly.aof.manifest", lines.map((l) => `${l}\n`).join(""));
  }

  /** Text of a file of the log. */
  read(name: string): string {
    return latin1(Deno.readFileSync(join(this.path, "appendonlydir", name)));
  }

  get manifestText(): string {
    return this.read("appendonly.aof.manifest");
  }

  /** What is in the directory of the log, sorted. */
  get names(): string[] {
    return [...Deno.readDirSync(join(this.path, "appendonlydir"))]
      .map(({ name }) => name).sort();
  }

  sizeOf(name: string): number {
    return Deno.statSync(join(this.path, "appendonlydir", name)).size;
  }

  /** A server that has not been started. */
  bench(values: GivenValues = {}): Bench {
    return new Bench({
      dir: this.path,
      appendonly: true,
      "enable-debug-command": "yes",
      ...values,
    });
  }

  /** The same, with its data loaded and its log open; calls do not write. */
  async started(values: GivenValues = {}): Promise<Bench> {
    const bench = this.bench(values);
    await bench.server.persistence.start();
    bench.server.dispatcher.admission.isLoading = false;
    return bench;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** The bytes of a text, one for each character. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Commands as a log has them. */
export function commands(...all: Word[][]): string {
  return latin1(encodeCommands(all));
}

/** Ends a bench and what it does in the background. */
export async function end(bench: Bench): Promise<void> {
  await bench.server.persistence.aof.stop();
}

/** What a bench has logged, from a word on, without dates. */
export function logged(bench: Bench): string[] {
  return bench.logged.map((line) => line.trim().replace(/^.*? [*#.-] /, ""));
}
