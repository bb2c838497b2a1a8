import type { Config } from "./config/config.ts";
import type { Log } from "./log.ts";

/** The file that says which process serves here, while it does. */
export class PidFile {
  constructor(readonly settings: Config, readonly log: Log) {}

  write(): void {
    if (this.#path === "") return;
    try {
      Deno.writeTextFileSync(this.#path, `${Deno.pid}\n`);
    } catch (error) {
      this.log.write("warning", `Cannot write the pidfile: ${error}`);
    }
  }

  /** The log says so only if it is to. */
  remove(isTold: boolean): void {
    if (this.#path === "") return;
    if (isTold) this.log.write("notice", "Removing the pid file.");
    try {
      Deno.removeSync(this.#path);
    } catch {
      // Somebody else has removed it.
    }
  }

  get #path(): string {
    return this.settings.get("pidfile") ?? "";
  }
}
