import type { AofHost, AofSettings, BaseSnapshot } from "./aof/faces.ts";
import type { FileSettings, PersistenceHost } from "./host.ts";

/** What the log needs beyond that from whoever keeps all files. */
export interface LogKeeper {
  beginSnapshot(format: "rdb" | "commands"): BaseSnapshot;
  loadRdb(
    file: Deno.FsFile,
    progress: (bytesDone: number) => void,
  ): Promise<number>;
  loadBegins(bytesTotal: number): void;
  loadProgress(bytesDone: number): void;
  loadEnds(): void;
  isSaving(): boolean;
}

/** The host of an AppendOnlyFile, made of the keeper's and the server's. */
export function logHost(host: PersistenceHost, keeper: LogKeeper): AofHost {
  return {
    ...keeper,
    settings: logSettings(host.settings),
    effects: host.effects,
    log: host.log,
    now: Date.now,
    replay: (events) => host.replay(events),
    safe: (sequence) => host.logSafe(sequence),
    writeErrorChanged: () => host.healthChanged(),
    took: (event, ms) => host.took(event, ms),
  };
}

function logSettings(settings: FileSettings): AofSettings {
  return {
    get dir() {
      return settings.pathInDir(".");
    },
    get fileName() {
      return settings.get("appendfilename");
    },
    get directoryName() {
      return settings.get("appenddirname");
    },
    get syncPolicy() {
      return settings.get("appendfsync");
    },
    get restsSyncOnRewrite() {
      return settings.get("no-appendfsync-on-rewrite");
    },
    get rewritePercentage() {
      return settings.get("auto-aof-rewrite-percentage");
    },
    get rewriteMinBytes() {
      return settings.get("auto-aof-rewrite-min-size");
    },
    get loadsTruncated() {
      return settings.get("aof-load-truncated");
    },
    get usesRdbBase() {
      return settings.get("aof-use-rdb-preamble");
    },
    get stampsTime() {
      return settings.get("aof-timestamp-enabled");
    },
    get syncsRewriteInParts() {
      return settings.get("aof-rewrite-incremental-fsync");
    },
    get keepsHistory() {
      return settings.get("aof-disable-auto-gc");
    },
  };
}
