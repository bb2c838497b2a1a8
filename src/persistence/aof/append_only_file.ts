import { systemReason } from "../files.ts";
import { AofDirectory, AofError } from "./directory.ts";
import type {
  AofHost,
  AofInfo,
  AofState,
  AppendOnlyFileFace,
  LoadOutcome,
  RewriteAnswer,
} from "./faces.ts";
import { Increment } from "./increment.ts";
import { Loader } from "./load.ts";
import { Parts } from "./parts.ts";
import { RewriteRecord } from "./rewrite_record.ts";
import { Rewriter } from "./rewriter.ts";
import { Writer } from "./writer.ts";

/**
 * The log of all effects on the disk: what it consists of (Parts), how it is
 * read (Loader), written (Writer) and kept short (Rewriter), and whether it is
 * on. See faces.ts for what each method is for.
 */
export class AppendOnlyFile implements AppendOnlyFileFace {
  readonly #host: AofHost;
  readonly #parts: Parts;
  readonly #writer: Writer;
  readonly #record: RewriteRecord;
  readonly #rewriter: Rewriter;
  #state: AofState = "off";
  /** The size when the writer had written `#markBytes`, all files together. */
  #sizeAtMark = 0;
  #markBytes = 0;
  /** The size after the last rewrite: growth counts from there. */
  #rewrittenBytes = 0;

  constructor(host: AofHost) {
    this.#host = host;
    const log = host.log.bind(host);
    const now = host.now.bind(host);
    this.#parts = new Parts(new AofDirectory(host.settings, log), log);
    this.#record = new RewriteRecord(now, log);
    this.#writer = new Writer({
      effects: host.effects,
      settings: host.settings,
      log,
      now,
      restsSync: () =>
        host.settings.restsSyncOnRewrite &&
        (this.isRewriting || host.isSaving()),
      safe: (sequence) => host.safe(sequence),
      wrote: (ms) => {
        const isCopying = this.isRewriting || host.isSaving();
        host.took("aof-write", ms);
        host.took(isCopying ? "aof-write-active-child" : "aof-write-alone", ms);
      },
      synced: (ms) => host.took("aof-fsync-always", ms),
      errorChanged: () => host.writeErrorChanged(),
      doubtful: () => this.#record.isScheduled = this.#state === "on",
    });
    this.#rewriter = new Rewriter({
      server: host,
      parts: this.#parts,
      writer: this.#writer,
      record: this.#record,
      done: (baseBytes) => this.#rewritten(baseBytes),
      failed: () => {
        // It is switched on only with the first rewrite that succeeds.
        if (this.#state === "waiting") this.#record.isScheduled = true;
      },
    });
  }

  get state(): AofState {
    return this.#state;
  }

  get isRewriting(): boolean {
    return this.#rewriter.isRunning;
  }

  get writeError(): string | null {
    return this.#state === "off" ? null : this.#writer.error;
  }

  get bufferBytes(): number {
    return this.#writer.waitingBytes;
  }

  /** How long everything stops before each write, for tests. */
  set writeDelayUs(microseconds: number) {
    this.#writer.delayUs = microseconds;
  }

  /** Bytes of all files that count. */
  get currentBytes(): number {
    return this.#sizeAtMark + this.#writer.writtenBytes - this.#markBytes;
  }

  async load(): Promise<LoadOutcome> {
    const loader = new Loader(this.#parts.directory, this.#host);
    const { outcome, manifest, totalBytes, baseBytes } = await loader.load();
    this.#parts.manifest = manifest;
    if (outcome === "loaded" || outcome === "truncated") {
      this.#markSize(totalBytes);
      this.#rewrittenBytes = baseBytes;
    }
    return outcome;
  }

  async open(): Promise<void> {
    const { settings } = this.#host;
    const parts = this.#parts;
    const { directory } = parts;
    directory.create();
    let isOpening = false;
    await parts.change((manifest) => {
      isOpening = manifest.increments.length > 0;
      if (isOpening) return null;
      const based = manifest.isEmpty
        ? manifest.withNewBase(
          settings.fileName,
          settings.usesRdbBase ? "rdb" : "aof",
        )
        : manifest;
      return based.withNewIncrement(settings.fileName);
    }, (next) => {
      if (parts.manifest.isEmpty) this.#rewriter.writeFirstBase(next);
      // The file that a manifest names has to be there.
      this.#openIncrement(next.increments.at(-1)!.name).close();
      return Promise.resolve();
    });
    const { name } = parts.manifest.increments.at(-1)!;
    const increment = this.#openIncrement(name);
    this.#host.log(
      "notice",
      `${isOpening ? "Opening" : "Creating"} AOF incr file ${name} on server ` +
        "start",
    );
    this.#state = "on";
    this.#host.effects.enable();
    this.#host.effects.forceSelect();
    this.#writer.switchTo(increment);
    if (!settings.keepsHistory) await parts.removeHistory();
  }

  enable(): boolean {
    if (this.#state !== "off") return true;
    this.#writer.forgive();
    this.#state = "waiting";
    if (this.#host.isSaving()) {
      this.#record.isScheduled = true;
      this.#host.log(
        "notice",
        "AOF was enabled but there is already another background operation. " +
          "An AOF background was scheduled to start when possible.",
      );
      return true;
    }
    if (this.isRewriting) {
      this.#host.log(
        "notice",
        "AOF was enabled but there is already an AOF rewriting in background. " +
          "Stopping background AOF and starting a rewrite now.",
      );
      this.#kill();
    }
    if (this.#rewriter.begin("waiting")) return true;
    this.#state = "off";
    this.#host.log(
      "warning",
      "Redis needs to enable the AOF but can't trigger a background AOF " +
        "rewrite operation. Check the above logs for more info about the " +
        "error.",
    );
    return false;
  }

  disable(): void {
    if (this.#state === "off") return;
    // Effects up to here belong to the log; those of a first rewrite do not.
    if (this.isRewriting) this.#kill();
    this.#writer.switchTo(null);
    this.#host.effects.disable();
    this.#state = "off";
    this.#record.isScheduled = false;
    void this.#writer.finish();
    this.#host.writeErrorChanged();
  }

  rewrite(): RewriteAnswer {
    if (this.isRewriting) return "running";
    if (this.#host.isSaving()) {
      this.scheduleRewrite();
      return "scheduled";
    }
    return this.#rewriter.begin(this.#state) ? "started" : "failed";
  }

  scheduleRewrite(): void {
    this.#record.isScheduled = true;
    // Who asks for it by hand gets it at once.
    this.#record.failuresInARow = 0;
  }

  removeHistory(): Promise<void> {
    return this.#parts.removeHistory();
  }

  beforeReplies(): number {
    return this.#writer.beforeReplies();
  }

  tick(): void {
    this.#writer.tick();
    if (this.isRewriting || this.#host.isSaving()) return;
    if (this.#record.isScheduled) {
      if (!this.#record.isLimited) this.#rewriter.begin(this.#state);
    } else if (this.#hasGrown && !this.#record.isLimited) {
      this.#host.log(
        "notice",
        `Starting automatic rewriting of AOF on ${this.#growth}% growth`,
      );
      this.#rewriter.begin(this.#state);
    }
  }

  async flush(): Promise<void> {
    await this.#writer.finish();
  }

  info(): AofInfo {
    const record = this.#record;
    const isOn = this.#state !== "off";
    return [
      ["aof_enabled", isOn ? 1 : 0],
      ["aof_rewrite_in_progress", this.isRewriting ? 1 : 0],
      ["aof_rewrite_scheduled", record.isScheduled ? 1 : 0],
      ["aof_last_rewrite_time_sec", record.lastSeconds],
      ["aof_current_rewrite_time_sec", record.currentSeconds],
      ["aof_last_bgrewrite_status", record.lastSucceeded ? "ok" : "err"],
      ["aof_rewrites", record.count],
      ["aof_rewrites_consecutive_failures", record.failuresInARow],
      ["aof_last_write_status", this.#writer.error === null ? "ok" : "err"],
      ["aof_last_cow_size", 0],
      ...(isOn ? this.#enabledInfo() : []),
    ];
  }

  #enabledInfo(): AofInfo {
    return [
      ["aof_current_size", this.currentBytes],
      ["aof_base_size", this.#rewrittenBytes],
      ["aof_pending_rewrite", this.#record.isScheduled ? 1 : 0],
      ["aof_buffer_length", this.bufferBytes],
      ["aof_pending_bio_fsync", this.#writer.pendingSyncs],
      ["aof_delayed_fsync", this.#writer.delayedSyncs],
    ];
  }

  resetStatistics(): void {
    this.#record.resetStatistics();
    this.#writer.delayedSyncs = 0;
  }

  async stop(): Promise<void> {
    if (this.isRewriting) {
      this.#host.log(
        "warning",
        "There is a child rewriting the AOF. Killing it!",
      );
      this.#kill();
    }
    if (this.#state !== "off") {
      this.#host.log("notice", "Calling fsync() on the AOF file.");
      await this.#writer.finish();
      this.#host.effects.disable();
      this.#state = "off";
    }
    await this.#writer.close();
    await this.#parts.settled;
  }

  #kill(): void {
    this.#host.log(
      "notice",
      `Killing running AOF rewrite child: ${Deno.pid}`,
    );
    this.#rewriter.kill();
  }

  async #rewritten(baseBytes: number): Promise<void> {
    if (this.#state === "waiting") this.#state = "on";
    if (this.#state === "on") {
      this.#markSize(baseBytes + (this.#writer.increment?.bytes ?? 0));
      this.#rewrittenBytes = this.#sizeAtMark;
    }
    if (this.#host.settings.keepsHistory) return;
    await this.#parts.removeHistory();
  }

  get #growth(): number {
    const base = this.#rewrittenBytes || 1;
    return Math.floor(this.currentBytes * 100 / base) - 100;
  }

  get #hasGrown(): boolean {
    const { rewritePercentage, rewriteMinBytes } = this.#host.settings;
    return this.#state === "on" && rewritePercentage > 0 &&
      this.currentBytes > rewriteMinBytes && this.#growth >= rewritePercentage;
  }

  #markSize(byteCount: number): void {
    this.#sizeAtMark = byteCount;
    this.#markBytes = this.#writer.writtenBytes;
  }

  #openIncrement(name: string): Increment {
    const { directory } = this.#parts;
    try {
      const path = directory.pathOf(name);
      const size = sizeIfThere(path);
      return new Increment(path, size);
    } catch (error) {
      const text = `Can't open the append-only file ${name}: ` +
        systemReason(error);
      this.#host.log("warning", text);
      throw new AofError(text);
    }
  }
}

function sizeIfThere(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
