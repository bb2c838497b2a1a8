/** Masters, replicas and the stream between them. */
import {
  boolean,
  choice,
  directive,
  integer,
  optionalText,
} from "../directive.ts";
import { replicaofKind } from "../specialKinds.ts";
import { INT_MAX, LONG_MAX, MEBIBYTE } from "../numbers.ts";
import { memoryKind } from "../simpleKinds.ts";

const SMALLEST_BACKLOG_BYTES = 16 * 1024;

export const replicationDirectives = {
  replicaof: directive(replicaofKind, undefined, {
    alias: "slaveof",
    immutable: true,
  }),
  masterauth: optionalText(),
  masteruser: optionalText(),
  "replica-serve-stale-data": boolean(true, {
    alias: "slave-serve-stale-data",
  }),
  "replica-read-only": boolean(true, { alias: "slave-read-only" }),
  "repl-diskless-sync": boolean(true),
  "repl-diskless-sync-delay": integer(5, 0, INT_MAX),
  "repl-diskless-sync-max-replicas": integer(0, 0, INT_MAX),
  "repl-diskless-load": choice(
    ["disabled", "on-empty-db", "swapdb"],
    "disabled",
    { deniedWhileLoading: true },
  ),
  "repl-ping-replica-period": integer(10, 1, INT_MAX, {
    alias: "repl-ping-slave-period",
  }),
  "repl-timeout": integer(60, 1, INT_MAX),
  "repl-disable-tcp-nodelay": boolean(false),
  "repl-backlog-size": directive(
    memoryKind(
      { min: 1, max: LONG_MAX },
      { min: SMALLEST_BACKLOG_BYTES, max: LONG_MAX },
    ),
    MEBIBYTE,
  ),
  "repl-backlog-ttl": integer(3600, 0, LONG_MAX),
  "replica-priority": integer(100, 0, INT_MAX, { alias: "slave-priority" }),
  "propagation-error-behavior": choice(
    ["ignore", "panic", "panic-on-replicas"],
    "ignore",
  ),
  "replica-ignore-disk-write-errors": boolean(false),
  "replica-announced": boolean(true),
  "min-replicas-to-write": integer(0, 0, INT_MAX, {
    alias: "min-slaves-to-write",
  }),
  "min-replicas-max-lag": integer(10, 0, INT_MAX, {
    alias: "min-slaves-max-lag",
  }),
  "replica-announce-ip": optionalText({ alias: "slave-announce-ip" }),
  "replica-announce-port": integer(0, 0, 65535, {
    alias: "slave-announce-port",
  }),
  "replica-ignore-maxmemory": boolean(true, {
    alias: "slave-ignore-maxmemory",
  }),
  "replica-lazy-flush": boolean(false, { alias: "slave-lazy-flush" }),
};
