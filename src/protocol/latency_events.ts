/**
 * What can hold up everybody, by the names that LATENCY knows. They are Redis's
 * where it knows the event too; the last three are this server's own.
 */
export type LatencyEvent =
  /** Commands, those that always are quick by themselves. */
  | "command"
  | "fast-command"
  /** Slices of removing due keys, and of evicting keys. */
  | "expire-cycle"
  | "eviction-cycle"
  /** One key that was evicted. */
  | "eviction-del"
  /** Writing to the append-only file, and in which situation. */
  | "aof-write"
  | "aof-write-alone"
  | "aof-write-active-child"
  /** How long replies wait for the disk with appendfsync always. */
  | "aof-fsync-always"
  /** Slices of a dump or a rewrite, of freeing what was thrown away. */
  | "snapshot-slice"
  | "free-slice"
  /** What is done ten times a second. */
  | "cron";
