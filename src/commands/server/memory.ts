import type { Reply } from "../../protocol/reply.ts";
import { syntaxError } from "../../protocol/errors.ts";
import { MISSING } from "../../keyspace/keyspace.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command, type Tip } from "../define/command.ts";
import { helpOf } from "../define/help.ts";
import { diagnosis } from "./memory_doctor.ts";
import {
  type Excess,
  type MemoryReport,
  memoryReport,
} from "./memory_report.ts";

/** How proxies put the replies of several servers together. */
const EACH_FOR_ITSELF: readonly Tip[] = [
  "nondeterministic_output",
  "request_policy:all_shards",
  "response_policy:special",
];

/** MEMORY: where the memory goes, and what to do about it. */
export const memory = command({
  name: "MEMORY",
  group: "server",
  since: "4.0.0",
  summary: "Groups the commands about memory",
  complexity: "Depends on the subcommand",
  flags: [],
  subcommands: [{
    name: "DOCTOR",
    since: "4.0.0",
    summary: "Tells what stands out in the use of memory",
    complexity: "O(1)",
    flags: [],
    tips: EACH_FOR_ITSELF,
    run(call) {
      const { memory } = call.server;
      const report = memoryReport(memory, call.keyspace);
      call.reply.verbatim(diagnosis(report, memory.clientCount));
    },
  }, {
    name: "MALLOC-STATS",
    since: "4.0.0",
    summary: "Shows the allocator's own statistics",
    complexity: "O(N), N = pages of memory",
    flags: [],
    tips: EACH_FOR_ITSELF,
    run(call) {
      call.reply.verbatim(call.server.memory.allocatorReport());
    },
  }, {
    name: "PURGE",
    since: "4.0.0",
    summary: "Makes the allocator give back what it holds spare",
    complexity: "O(1)",
    flags: [],
    tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
    run(call) {
      // Wasm memory never shrinks, so pages go to the engine's own pool, where
      // blocks of any size find them, and not to the system.
      call.server.memory.purge();
      call.reply.ok();
    },
  }, {
    name: "STATS",
    since: "4.0.0",
    summary: "Shows in detail what memory is used for",
    complexity: "O(1)",
    flags: [],
    tips: EACH_FOR_ITSELF,
    run(call) {
      replyStats(call.reply, memoryReport(call.server.memory, call.keyspace));
    },
  }, {
    name: "USAGE",
    since: "4.0.0",
    summary: "Estimates the bytes that a key and its value take",
    complexity: "O(N), N = elements looked at",
    flags: ["readonly"],
    args: [
      arg.key("key", "RO"),
      arg.integer("count").token("SAMPLES").optional(),
    ],
    run(call) {
      checkSamples(call);
      const byteCount = call.db.footprint(2);
      if (byteCount === MISSING) call.reply.null();
      else call.reply.integer(byteCount);
    },
  }, helpOf("MEMORY", "4.0.0")],
});

/** The bytes of a value are known exactly, so that nothing has to be sampled. */
function checkSamples(call: Call): void {
  for (let i = 3; i < call.argc; i += 2) {
    if (!call.is(i, "SAMPLES") || i + 1 === call.argc) throw syntaxError;
    if (call.integer(i + 1) < 0) throw syntaxError;
  }
}

function replyStats(reply: Reply, report: MemoryReport): void {
  const integer = (name: string, value: number) => {
    reply.bulk(name);
    reply.integer(value);
  };
  const double = (name: string, value: number) => {
    reply.bulk(name);
    reply.double(value);
  };
  const excess = (name: string, { ratio, bytes }: Excess) => {
    double(`${name}.ratio`, ratio);
    integer(`${name}.bytes`, bytes);
  };
  reply.map(27 + report.databases.length);
  integer("peak.allocated", report.peak);
  integer("total.allocated", report.used);
  integer("startup.allocated", report.startup);
  integer("replication.backlog", 0);
  integer("clients.slaves", 0);
  integer("clients.normal", report.clientBytes);
  integer("cluster.links", 0);
  integer("aof.buffer", report.logBufferBytes);
  integer("lua.caches", 0);
  integer("functions.caches", 0);
  for (const { index, keyBytes, dueBytes } of report.databases) {
    reply.bulk(`db.${index}`);
    reply.map(3);
    integer("overhead.hashtable.main", keyBytes);
    integer("overhead.hashtable.expires", dueBytes);
    integer("overhead.hashtable.slot-to-keys", 0);
  }
  integer("overhead.total", report.overhead);
  integer("keys.count", report.keyCount);
  integer("keys.bytes-per-key", report.bytesPerKey);
  integer("dataset.bytes", report.dataset);
  double("dataset.percentage", report.datasetPercent);
  double("peak.percentage", report.peakPercent);
  integer("allocator.allocated", report.allocated);
  integer("allocator.active", report.active);
  integer("allocator.resident", report.touched);
  excess("allocator-fragmentation", report.fragmentation);
  excess("allocator-rss", report.freePages);
  excess("rss-overhead", report.runtime);
  // The odd one out: its ratio has no `.ratio` in its name.
  double("fragmentation", report.total.ratio);
  integer("fragmentation.bytes", report.total.bytes);
}
