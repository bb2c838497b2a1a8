import {
  type Excess,
  type MemoryReport,
  memoryReport,
} from "../../commands/server/memory_report.ts";
import type { Server } from "../server.ts";
import { type Fields, humanBytes } from "./fields.ts";

/** What takes how much memory; `memory_report.ts` defines the figures. */
export function memoryFields(server: Server): Fields {
  const report = memoryReport(server.memory, server.keyspace);
  return [
    ...useFields(report),
    ...scriptFields(),
    ...limitFields(server),
    ...excessFields("allocator_frag", report.fragmentation),
    ...excessFields("allocator_rss", report.freePages),
    ...excessFields("rss_overhead", report.runtime),
    ...excessFields("mem_fragmentation", report.total),
    ["mem_not_counted_for_evict", server.metrics.uncounted],
    ["mem_replication_backlog", 0],
    ["mem_total_replication_buffers", 0],
    ["mem_clients_slaves", 0],
    ["mem_clients_normal", report.clientBytes],
    ["mem_cluster_links", 0],
    ["mem_aof_buffer", report.logBufferBytes],
    ["mem_allocator", "keysaur"],
    ["active_defrag_running", 0],
    ["lazyfree_pending_objects", server.keyspace.reclaimPending],
    ["lazyfreed_objects", server.keyspace.reclaimed],
  ];
}

function useFields(report: MemoryReport): Fields {
  return [
    ...bytesFields("used_memory", report.used),
    ...bytesFields("used_memory_rss", report.resident),
    ...bytesFields("used_memory_peak", report.peak),
    ["used_memory_peak_perc", `${report.peakPercent.toFixed(2)}%`],
    ["used_memory_overhead", report.overhead],
    ["used_memory_startup", report.startup],
    ["used_memory_dataset", report.dataset],
    ["used_memory_dataset_perc", `${report.datasetPercent.toFixed(2)}%`],
    ["allocator_allocated", report.allocated],
    ["allocator_active", report.active],
    ["allocator_resident", report.touched],
    // Only a permission that we do not ask for would tell.
    ...bytesFields("total_system_memory", 0),
  ];
}

/** So far nothing runs scripts. */
function scriptFields(): Fields {
  return [
    ["used_memory_lua", 0],
    ["used_memory_vm_eval", 0],
    ["used_memory_lua_human", humanBytes(0)],
    ["used_memory_scripts_eval", 0],
    ["number_of_cached_scripts", 0],
    ["number_of_functions", 0],
    ["number_of_libraries", 0],
    ["used_memory_vm_functions", 0],
    ...bytesFields("used_memory_vm_total", 0),
    ["used_memory_functions", 0],
    ...bytesFields("used_memory_scripts", 0),
  ];
}

function limitFields({ settings }: Server): Fields {
  return [
    ...bytesFields("maxmemory", settings.get("maxmemory")),
    ["maxmemory_policy", settings.get("maxmemory-policy")],
  ];
}

function bytesFields(name: string, byteCount: number): Fields {
  return [[name, byteCount], [`${name}_human`, humanBytes(byteCount)]];
}

function excessFields(name: string, { ratio, bytes }: Excess): Fields {
  return [[`${name}_ratio`, ratio.toFixed(2)], [`${name}_bytes`, bytes]];
}
