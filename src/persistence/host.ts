import type { Engine } from "../engine/engine.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { LatencyEvent } from "../protocol/latency_events.ts";
import type {
  EffectSource,
  LogLevel,
  ReplayFeed,
  ReplayObserver,
} from "./aof/faces.ts";

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
      | "rdbchecksum"
      | "rdb-save-incremental-fsync"
      | "appendonly"
      | "no-appendfsync-on-rewrite"
      | "aof-load-truncated"
      | "aof-use-rdb-preamble"
      | "aof-timestamp-enabled"
      | "aof-rewrite-incremental-fsync"
      | "aof-disable-auto-gc",
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

/** The log of effects, as far as files need it. */
export interface Effects extends EffectSource {
  /** What happens until `resume` is in the files already. */
  pause(): void;
  resume(): void;
}

/** What the keeper of files needs of the server around it. */
export interface PersistenceHost {
  readonly engine: Engine;
  readonly keyspace: Keyspace;
  readonly settings: FileSettings;
  readonly effects: Effects;
  /** What dumps say of who wrote them. */
  readonly redisVersion: string;
  log(level: LogLevel, text: string): void;
  /** Everything that counts against maxmemory. */
  usedMemory(): number;
  /** Sets the engine's clock before data is touched outside of commands. */
  setClock(nowMs: number): void;
  /** Executes the commands of a log. */
  replay(events: ReplayObserver): ReplayFeed;
  /** Clients are told that the data is not there, or are served again. */
  setLoading(isLoading: boolean): void;
  /** What was logged up to here is as safe as replies must be. */
  logSafe(sequence: number): void;
  /** Whether files can be written has changed, or whether that matters. */
  healthChanged(): void;
  /** Something held up the loop for so long. */
  took(event: LatencyEvent, ms: number): void;
}
