import { join } from "node:path";
import { removeIfThere, systemReason } from "../files.ts";
import { writeBase, writeBaseSync } from "./base_file.ts";
import { AofError, UncertainManifest } from "./directory.ts";
import type { AofHost, AofState, BaseSnapshot } from "./faces.ts";
import { Increment } from "./increment.ts";
import type { Manifest } from "./manifest.ts";
import type { Parts } from "./parts.ts";
import type { RewriteRecord } from "./rewrite_record.ts";
import type { Writer } from "./writer.ts";

/** One rewrite, from its first step to its last. */
interface Run {
  /** Whether effects are logged meanwhile, and where to. */
  readonly state: AofState;
  /** Opened already, for effects from the snapshot's moment on. */
  readonly increment: Increment | null;
  snapshot: BaseSnapshot | null;
  isKilled: boolean;
}

export interface RewriterHost {
  readonly server: AofHost;
  readonly parts: Parts;
  readonly writer: Writer;
  readonly record: RewriteRecord;
  /** The new base counts; so many bytes. */
  done(baseBytes: number): Promise<void>;
  /** It came to nothing. */
  failed(): void;
}

/**
 * Writes the data as a new base, so that the increments before it can go.
 *
 * At one moment, between two commands, a snapshot begins and effects go into a
 * new increment. The base and what follows it are therefore exact, however
 * long the base takes to write. Until the manifest that names the base is on
 * the disk the old files are the valid ones, with the new increment as their
 * last; a rewrite that fails costs nothing but another increment.
 *
 * When the log has only just been switched on there are no old files. Then
 * the increment has a temporary name until the base is there.
 */
export class Rewriter {
  readonly #host: RewriterHost;
  #run: Run | null = null;

  constructor(host: RewriterHost) {
    this.#host = host;
  }

  get isRunning(): boolean {
    return this.#run !== null;
  }

  /** False when it cannot even begin; the reason has been logged. */
  begin(state: AofState): boolean {
    const { server, record } = this.#host;
    record.count++;
    const run = this.#prepare(state);
    if (run === null) {
      record.ended(false);
      return false;
    }
    record.began();
    this.#run = run;
    server.log(
      "notice",
      `Background append only file rewriting started by pid ${Deno.pid}`,
    );
    void this.#perform(run);
    return true;
  }

  /** Ends it at once; nothing of it is left. */
  kill(): void {
    const run = this.#run;
    if (run === null) return;
    this.#run = null;
    run.isKilled = true;
    run.snapshot?.abort();
    this.#host.record.killed();
    removeIfThere(this.#temporaryBase("bg-"));
    if (run.state === "waiting") this.#dropTemporaryIncrement();
  }

  /** Writes the base of a log that begins; throws AofError. */
  writeFirstBase(manifest: Manifest): void {
    const { server, parts } = this.#host;
    const { name } = manifest.base!;
    const temporary = this.#temporaryBase("");
    let snapshot: BaseSnapshot | null = null;
    try {
      snapshot = this.#takeSnapshot();
      writeBaseSync(temporary, snapshot, this.#baseOptions());
      Deno.renameSync(temporary, parts.directory.pathOf(name));
    } catch (error) {
      removeIfThere(temporary);
      throw this.#failed(
        "Write error writing append only file on disk: " + systemReason(error),
      );
    } finally {
      snapshot?.abort();
    }
    server.log("notice", `Creating AOF base file ${name} on server start`);
  }

  /** What can fail at once does so here. */
  #prepare(state: AofState): Run | null {
    const { parts } = this.#host;
    const run = (increment: Increment | null): Run => ({
      state,
      increment,
      snapshot: null,
      isKilled: false,
    });
    let prepared: Run | null = null;
    try {
      parts.directory.create();
      prepared = run(this.#openIncrement(state));
      // With old files, the manifest has to know the increment first.
      if (state !== "on") this.#takeMoment(prepared);
      return prepared;
    } catch (error) {
      if (!(error instanceof AofError)) {
        this.#failed(
          `Can't rewrite append only file in background: ${
            systemReason(error)
          }`,
        );
      }
      if (prepared?.state === "waiting") this.#dropTemporaryIncrement();
      return null;
    }
  }

  #openIncrement(state: AofState): Increment | null {
    if (state === "off") return null;
    const { server, parts } = this.#host;
    const { directory } = parts;
    const name = state === "waiting"
      ? directory.temporaryIncrementName
      : this.#withNewIncrement(parts.manifest).increments.at(-1)!.name;
    const path = directory.pathOf(name);
    try {
      Deno.writeFileSync(path, new Uint8Array());
      return new Increment(path, 0);
    } catch (error) {
      throw this.#failed(
        `Can't open the append-only file ${name}: ${systemReason(error)}`,
      );
    } finally {
      server.log(
        "notice",
        `Creating AOF incr file ${name} on background rewrite`,
      );
    }
  }

  /** The moment that divides what the base has from what the increment gets. */
  #takeMoment(run: Run): void {
    const { server, writer } = this.#host;
    if (run.increment !== null) {
      if (run.state === "waiting") server.effects.enable();
      writer.switchTo(run.increment);
      server.effects.forceSelect();
    }
    run.snapshot = this.#takeSnapshot();
  }

  async #perform(run: Run): Promise<void> {
    try {
      if (run.state === "on") await this.#addIncrement(run);
      if (run.isKilled) return;
      const baseBytes = await writeBase(
        this.#temporaryBase("bg-"),
        run.snapshot!,
        this.#baseOptions(),
      );
      if (run.isKilled) return;
      this.#log(
        "Successfully created the temporary AOF base file " +
          this.#temporaryBaseName("bg-"),
      );
      this.#log("Background AOF rewrite terminated with success");
      await this.#adopt(run);
      if (run.isKilled) return;
      await this.#host.done(baseBytes);
      this.#end(run, true);
    } catch (error) {
      if (run.isKilled) return;
      if (!(error instanceof AofError)) {
        this.#failed(
          "Write error writing append only file on disk: " +
            systemReason(error),
        );
      }
      this.#end(run, false);
    }
  }

  async #addIncrement(run: Run): Promise<void> {
    const { parts } = this.#host;
    try {
      await parts.change((manifest) => this.#withNewIncrement(manifest));
    } catch (error) {
      run.increment!.close();
      throw error;
    }
    if (run.isKilled) run.increment!.close();
    else this.#takeMoment(run);
  }

  /** Makes the base the one that counts. */
  async #adopt(run: Run): Promise<void> {
    const { server, parts } = this.#host;
    const { fileName, usesRdbBase } = server.settings;
    const { directory } = parts;
    const isFirst = run.state === "waiting";
    const moved: string[] = [];
    const move = async (what: string, from: string, name: string) => {
      const target = directory.pathOf(name);
      const known = from.slice(from.lastIndexOf("/") + 1);
      try {
        await Deno.rename(from, target);
      } catch (error) {
        throw this.#failed(
          `Error trying to rename the temporary AOF ${what} file ${known} ` +
            `into ${target}: ${systemReason(error)}`,
        );
      }
      moved.push(target);
      this.#log(
        `Successfully renamed the temporary AOF ${what} file ${known} into ` +
          name,
      );
    };
    try {
      await parts.change((manifest) => {
        if (run.isKilled) return null;
        const based = manifest
          .withNewBase(fileName, usesRdbBase ? "rdb" : "aof");
        const next = isFirst ? this.#withNewIncrement(based) : based;
        return next.withPastIncrements(run.state === "off" ? 0 : 1);
      }, async ({ base, increments }) => {
        await move("base", this.#temporaryBase("bg-"), base!.name);
        if (!isFirst) return;
        const { temporaryIncrementName } = directory;
        await move(
          "incr",
          directory.pathOf(temporaryIncrementName),
          increments.at(-1)!.name,
        );
      });
    } catch (error) {
      if (!(error instanceof UncertainManifest)) moved.forEach(removeIfThere);
      throw error;
    }
  }

  #end(run: Run, succeeded: boolean): void {
    const { record } = this.#host;
    this.#run = null;
    run.snapshot?.abort();
    record.ended(succeeded);
    if (succeeded) {
      return this.#log("Background AOF rewrite finished successfully");
    }
    this.#host.server.log(
      "warning",
      "Background AOF rewrite terminated with error",
    );
    removeIfThere(this.#temporaryBase("bg-"));
    if (run.state === "waiting") this.#dropTemporaryIncrement();
    this.#host.failed();
  }

  /** Nothing is worth logging before there is a base. */
  #dropTemporaryIncrement(): void {
    const { server, writer, parts } = this.#host;
    const name = parts.directory.temporaryIncrementName;
    server.effects.disable();
    writer.discard();
    this.#log(`Removing the temp incr aof file ${name} in the background`);
    removeIfThere(parts.directory.pathOf(name));
  }

  #withNewIncrement(manifest: Manifest): Manifest {
    return manifest.withNewIncrement(this.#host.server.settings.fileName);
  }

  #takeSnapshot(): BaseSnapshot {
    const { server } = this.#host;
    return server.beginSnapshot(
      server.settings.usesRdbBase ? "rdb" : "commands",
    );
  }

  #baseOptions() {
    const { settings, now } = this.#host.server;
    const isStamped = settings.stampsTime && !settings.usesRdbBase;
    return {
      syncsInParts: settings.syncsRewriteInParts,
      stamp: isStamped ? Math.floor(now() / 1000) : null,
    };
  }

  #temporaryBaseName(kind: "" | "bg-"): string {
    return `temp-rewriteaof-${kind}${Deno.pid}.aof`;
  }

  #temporaryBase(kind: "" | "bg-"): string {
    return join(
      this.#host.server.settings.dir,
      this.#temporaryBaseName(kind),
    );
  }

  #log(text: string): void {
    this.#host.server.log("notice", text);
  }

  #failed(text: string): AofError {
    this.#host.server.log("warning", text);
    return new AofError(text);
  }
}
