import type { Keyspace } from "../../keyspace/keyspace.ts";
import type { MemoryFace } from "../call.ts";

/** What a database takes beside the bytes of its keys and values. */
export interface DatabaseOverhead {
  readonly index: number;
  readonly keyBytes: number;
  readonly dueBytes: number;
}

/** Part of a whole: how many times as large, and by how many bytes. */
export interface Excess {
  readonly ratio: number;
  readonly bytes: number;
}

/**
 * The figures that MEMORY STATS, MEMORY DOCTOR and INFO share, in bytes.
 *
 * Four sizes lie around each other: blocks in use (`allocated`), the pages that
 * they lie in (`active`), what the engine has ever touched (`touched`) and the
 * whole process (`resident`). What an outer one has more than the next inner
 * one is an excess with its own cause.
 */
export interface MemoryReport {
  readonly used: number;
  readonly peak: number;
  readonly startup: number;
  readonly clientBytes: number;
  readonly logBufferBytes: number;
  readonly databases: readonly DatabaseOverhead[];
  /** The empty server, the connections, tables and headers of the keys. */
  readonly overhead: number;
  /** All that is not overhead. */
  readonly dataset: number;
  /** Of what came after the start. */
  readonly datasetPercent: number;
  readonly peakPercent: number;
  readonly keyCount: number;
  readonly bytesPerKey: number;
  readonly allocated: number;
  readonly active: number;
  readonly touched: number;
  readonly resident: number;
  /** Free places in pages in use. */
  readonly fragmentation: Excess;
  /** Free pages, which the engine keeps. */
  readonly freePages: Excess;
  /** The runtime: its own code and heap. */
  readonly runtime: Excess;
  /** The whole process beside what is used. */
  readonly total: Excess;
}

export function memoryReport(
  memory: MemoryFace,
  keyspace: Keyspace,
): MemoryReport {
  const { used, peak, startup, clientBytes, logBufferBytes } = memory;
  const { allocated, active, touched, resident } = memory;
  const databases = [...keyspace].filter((db) => db.size > 0).map((db) => ({
    index: db.index,
    keyBytes: db.inspection.keyOverhead,
    dueBytes: db.inspection.dueOverhead,
  }));
  const overhead = databases.reduce(
    (sum, { keyBytes, dueBytes }) => sum + keyBytes + dueBytes,
    startup + clientBytes + logBufferBytes,
  );
  const dataset = Math.max(0, used - overhead);
  const sinceStart = Math.max(1, used - startup);
  const keyCount = keyspace.size;
  return {
    used,
    peak,
    startup,
    clientBytes,
    logBufferBytes,
    databases,
    overhead,
    dataset,
    datasetPercent: dataset * 100 / sinceStart,
    peakPercent: used * 100 / peak,
    keyCount,
    bytesPerKey: keyCount === 0 ? 0 : Math.floor(sinceStart / keyCount),
    allocated,
    active,
    touched,
    resident,
    fragmentation: excess(active, allocated),
    freePages: excess(touched, active),
    runtime: excess(resident, touched),
    total: excess(resident, used),
  };
}

function excess(outer: number, inner: number): Excess {
  return { ratio: outer / inner, bytes: outer - inner };
}
