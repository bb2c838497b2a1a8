import type { LogLevel } from "./faces.ts";

/** Log lines about failed writes are no nearer to each other than this. */
const ERROR_LOG_MS = 30_000;

export interface HealthHost {
  log(level: LogLevel, text: string): void;
  now(): number;
  errorChanged(): void;
  /** The disk may have lost what it was given: only a rewrite is sure. */
  doubtful(): void;
}

/** Whether the disk takes what it is given: writes and syncs apart. */
export class WriteHealth {
  /** When something was tried last. */
  triedMs = -Infinity;
  readonly #host: HealthHost;
  #writeError: string | null = null;
  #syncError: string | null = null;
  #loggedMs = -Infinity;

  constructor(host: HealthHost) {
    this.#host = host;
  }

  get hasWriteError(): boolean {
    return this.#writeError !== null;
  }

  get error(): string | null {
    return this.#writeError ?? this.#syncError;
  }

  /** A write failed; `text` is the log line about it. */
  writeFailed(reason: string, text: string): void {
    const now = this.#host.now();
    this.triedMs = now;
    if (now - this.#loggedMs > ERROR_LOG_MS) {
      this.#loggedMs = now;
      this.#host.log("warning", text);
    }
    if (this.#writeError === reason) return;
    this.#writeError = reason;
    this.#host.errorChanged();
  }

  written(): void {
    this.triedMs = this.#host.now();
    if (this.#writeError === null) return;
    this.#host.log(
      "notice",
      "AOF write error looks solved, Redis can write again.",
    );
    this.#writeError = null;
    this.#host.errorChanged();
  }

  syncFailed(reason: string): void {
    this.#host.log("warning", `Fail to fsync the AOF file: ${reason}`);
    if (this.#syncError === reason) return;
    this.#syncError = reason;
    this.#host.errorChanged();
  }

  /** After a failure the system may have dropped what it could not sync. */
  synced(): void {
    if (this.#syncError === null) return;
    this.#syncError = null;
    this.#host.errorChanged();
    this.#host.doubtful();
  }

  /** What was wrong concerned files that nobody needs any more. */
  forget(): void {
    if (this.error === null) return;
    this.#writeError = this.#syncError = null;
    this.#host.errorChanged();
  }

  /** Old failures are no concern of a log that begins anew. */
  forgive(): void {
    if (this.#syncError !== null) {
      this.#host.log(
        "warning",
        "AOF reopen, just ignore the AOF fsync error in bio job",
      );
    }
    if (this.#writeError !== null) {
      this.#host.log("warning", "AOF reopen, just ignore the last error.");
    }
    this.forget();
  }
}
