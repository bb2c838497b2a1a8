import type { Engine } from "../engine/engine.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

/** So many changes within so many seconds are worth a dump. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** The settings that concern files, as they stand now. */
export interface FileSettings {
  get(name: "save"): readonly SavePoint[];
  get(name: "dbfilename" | "dir" | "appendfilename" | "appenddirname"): string;
  get(name: "appendfsync"): "everysec" | "always" | "no";
  get(
    name:
      | "stop-writes-on-bgsave-error"
      | "rdbcompression"
      | "rdbchecksum"
      | "rdb-save-incremental-fsync"
      | "appendonly"
      | "no-appendfsync-on-rewrite"
      | "aof-load-truncated"
      | "aof-use-rdb-preamble"
      | "aof-timestamp-enabled"
      | "aof-rewrite-incremental-fsync",
  ): boolean;
  get(
    name:
      | "auto-aof-rewrite-percentage"
      | "auto-aof-rewrite-min-size"
      | "rdb-key-save-delay"
      | "key-load-delay"
      | "loading-process-events-interval-bytes",
  ): number;
  /** A path as `dir` makes it. */
  pathInDir(path: string): string;
}

/** What the keeper of files needs of the server around it. */
export interface PersistenceHost {
  readonly engine: Engine;
  readonly keyspace: Keyspace;
  readonly settings: FileSettings;
  /** What dumps say of who wrote them. */
  readonly redisVersion: string;
  log(level: "debug" | "verbose" | "notice" | "warning", text: string): void;
  /** Everything that counts against maxmemory. */
  usedMemory(): number;
  /** Sets the engine's clock before data is touched outside of commands. */
  setClock(nowMs: number): void;
  /** Whether files can be written has changed, or whether that matters. */
  healthChanged(): void;
}
