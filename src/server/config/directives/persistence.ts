/** Snapshots, the append-only file, and where both are kept. */
import {
  boolean,
  choice,
  directive,
  integer,
  memory,
  text,
} from "../directive.ts";
import { directoryKind, savePointsKind } from "../specialKinds.ts";
import { INT_MAX, INT_MIN, LONG_MAX, MEBIBYTE } from "../numbers.ts";
import { checkBaseName } from "../checks.ts";

const DEFAULT_SAVE_POINTS = Object.freeze([
  Object.freeze({ seconds: 3600, changes: 1 }),
  Object.freeze({ seconds: 300, changes: 100 }),
  Object.freeze({ seconds: 60, changes: 10000 }),
]);

export const persistenceDirectives = {
  save: directive(savePointsKind, DEFAULT_SAVE_POINTS),
  "stop-writes-on-bgsave-error": boolean(true),
  rdbcompression: boolean(true),
  rdbchecksum: boolean(true, { immutable: true }),
  "sanitize-dump-payload": choice(["no", "yes", "clients"], "no", {
    noEffect: "payloads and files are always checked",
  }),
  dbfilename: text(
    "dump.rdb",
    { protected: true },
    (name) => checkBaseName("dbfilename", "filename", name),
  ),
  "rdb-del-sync-files": boolean(false),
  dir: directive(directoryKind, ".", {
    protected: true,
    deniedWhileLoading: true,
  }),
  "rdb-save-incremental-fsync": boolean(true),
  appendonly: boolean(false, { deniedWhileLoading: true }),
  appendfilename: text(
    "appendonly.aof",
    { immutable: true },
    (name) =>
      name === ""
        ? "appendfilename can't be empty"
        : checkBaseName("appendfilename", "filename", name),
  ),
  appenddirname: text(
    "appendonlydir",
    { immutable: true },
    (name) =>
      name === ""
        ? "appenddirname can't be empty"
        : checkBaseName("appenddirname", "dirname", name),
  ),
  appendfsync: choice(["everysec", "always", "no"], "everysec"),
  "no-appendfsync-on-rewrite": boolean(false),
  "auto-aof-rewrite-percentage": integer(100, 0, INT_MAX),
  "auto-aof-rewrite-min-size": memory(64 * MEBIBYTE, 0, LONG_MAX),
  "aof-load-truncated": boolean(true),
  "aof-use-rdb-preamble": boolean(true),
  "aof-timestamp-enabled": boolean(false),
  "aof-rewrite-incremental-fsync": boolean(true),
  "aof-disable-auto-gc": boolean(false, { hidden: true }),
  "rdb-key-save-delay": integer(0, INT_MIN, INT_MAX, { hidden: true }),
  "key-load-delay": integer(0, INT_MIN, INT_MAX, { hidden: true }),
  "loading-process-events-interval-bytes": integer(
    2 * MEBIBYTE,
    1024,
    INT_MAX,
    { hidden: true },
  ),
};
