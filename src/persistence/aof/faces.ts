/**
 * What the append-only file needs from the rest of the server, and what it
 * shows. Whoever wires it (the server's room) gives it a host; tests give it
 * one of their own. Nothing here exists at run time.
 */

import type { LatencyEvent } from "../../protocol/latency_events.ts";

/** When the file is forced to the disk. */
export type SyncPolicy = "everysec" | "always" | "no";

export type LogLevel = "debug" | "verbose" | "notice" | "warning";

/** Settings as they are now; each is read again when it matters. */
export interface AofSettings {
  /** `dir`, absolute. */
  readonly dir: string;
  /** `appendfilename`. */
  readonly fileName: string;
  /** `appenddirname`. */
  readonly directoryName: string;
  /** `appendfsync`. */
  readonly syncPolicy: SyncPolicy;
  /** `no-appendfsync-on-rewrite`. */
  readonly restsSyncOnRewrite: boolean;
  /** `auto-aof-rewrite-percentage`. */
  readonly rewritePercentage: number;
  /** `auto-aof-rewrite-min-size`. */
  readonly rewriteMinBytes: number;
  /** `aof-load-truncated`. */
  readonly loadsTruncated: boolean;
  /** `aof-use-rdb-preamble`. */
  readonly usesRdbBase: boolean;
  /** `aof-timestamp-enabled`. */
  readonly stampsTime: boolean;
  /** `aof-rewrite-incremental-fsync`. */
  readonly syncsRewriteInParts: boolean;
  /** `aof-disable-auto-gc`. */
  readonly keepsHistory: boolean;
}

/** The log of effects (dispatch/effect_log.ts has what this asks for). */
export interface EffectSource {
  /** Bytes ever logged. */
  readonly sequence: number;
  enable(): void;
  disable(): void;
  /** The next piece, null when everything has been taken. */
  take(): Uint8Array<ArrayBuffer> | null;
  /** The next effect names its database again. */
  forceSelect(): void;
}

/** The dataset at one moment, to be written as a base. */
export interface BaseSnapshot {
  /** Writes all of it in slices; rejects when it was aborted. */
  run(write: (bytes: Uint8Array) => Promise<void>): Promise<void>;
  /** Writes all of it at once. */
  runSync(write: (bytes: Uint8Array) => void): void;
  /** Ends it early and frees what it holds. */
  abort(): void;
}

/** What ends a replay, or a command of it that replied with an error. */
export interface ReplayProblem {
  readonly kind: "format" | "unknown" | "memory" | "failed";
  /** Where in what was fed it begins, with its transaction. */
  readonly offset: number;
  readonly command: string;
  readonly text: string;
}

/** Executes commands that come in pieces cut anywhere (dispatch/replay.ts). */
export interface ReplayFeed {
  /** Behind the last whole command or transaction. */
  readonly offset: number;
  readonly fedBytes: number;
  readonly isInTransaction: boolean;
  feed(bytes: Uint8Array): ReplayProblem | null;
  close(): void;
}

export interface ReplayObserver {
  failed(problem: ReplayProblem): void;
  /** A line that begins with `#`; a text that is returned ends the replay. */
  annotation(line: string, offset: number): string | null;
}

export interface AofHost {
  readonly settings: AofSettings;
  readonly effects: EffectSource;
  log(level: LogLevel, text: string): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Takes the dataset as it is at this very moment. */
  beginSnapshot(format: "rdb" | "commands"): BaseSnapshot;
  /**
   * Loads the RDB file that begins at the start of the open file; resolves to
   * the offset where it ends. Rejects with the reason in words.
   */
  loadRdb(
    file: Deno.FsFile,
    progress: (bytesDone: number) => void,
  ): Promise<number>;
  replay(events: ReplayObserver): ReplayFeed;
  /** Loading begins: bytes of all files together. */
  loadBegins(bytesTotal: number): void;
  /** It goes on; `bytesDone` counts all files. */
  loadProgress(bytesDone: number, fileName: string): void;
  /** It is over; called in any case after `loadBegins`. */
  loadEnds(isLoaded: boolean): void;
  /** Whether a snapshot for another purpose (BGSAVE) is under way. */
  isSaving(): boolean;
  /** Replies that wait for what was logged up to here may leave. */
  safe(sequence: number): void;
  /** `writeError` may have changed. */
  writeErrorChanged(): void;
  /** Something held up the loop, or replies, for so long. */
  took(event: LatencyEvent, ms: number): void;
}

/** What loading found: as Redis tells them apart. */
export type LoadOutcome = "absent" | "empty" | "loaded" | "truncated";

/** `off`; waiting for the first rewrite since it was switched on; `on`. */
export type AofState = "off" | "waiting" | "on";

/** BGREWRITEAOF's answer, in Redis's cases. */
export type RewriteAnswer = "started" | "scheduled" | "running" | "failed";

/** INFO's fields in INFO's order; some are there only while it is enabled. */
export type AofInfo =
  readonly (readonly [name: string, value: string | number])[];

/** What class AppendOnlyFile offers to the server. */
export interface AppendOnlyFileFace {
  readonly state: AofState;
  readonly isRewriting: boolean;
  /** Why writes are to be refused (MISCONF), in the C library's words. */
  readonly writeError: string | null;
  /** Bytes that wait to be written, for INFO memory. */
  readonly bufferBytes: number;

  /**
   * At the start, with `appendonly yes`: reads the manifest, upgrades an old
   * single file, loads everything. Throws AofError, after its log lines, when
   * the server must not start. Also DEBUG LOADAOF, after the data are gone.
   */
  load(): Promise<LoadOutcome>;
  /** After `load` at the start: opens or creates the file to append to. */
  open(): Promise<void>;
  /** CONFIG SET appendonly yes; false when it cannot be (see the log). */
  enable(): boolean;
  /** CONFIG SET appendonly no. */
  disable(): void;
  /** BGREWRITEAOF. */
  rewrite(): RewriteAnswer;
  /** Rewrites as soon as nothing else is written, and at once if asked again. */
  scheduleRewrite(): void;
  /** Removes files of the past (CONFIG SET aof-disable-auto-gc no). */
  removeHistory(): Promise<void>;
  /**
   * To be called when replies of a turn are about to leave: writes what its
   * commands have logged. Replies must wait until `safe` has been called with
   * the sequence that is returned; with 0 they may leave.
   */
  beforeReplies(): number;
  /** To be called about ten times a second. */
  tick(): void;
  /** Writes everything and syncs (DEBUG LOADAOF, before the data go). */
  flush(): Promise<void>;
  info(): AofInfo;
  /** CONFIG RESETSTAT. */
  resetStatistics(): void;
  /** At the end: ends a rewrite, writes, syncs and closes. */
  stop(): Promise<void>;
}
