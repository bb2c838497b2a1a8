import type { Server } from "../server.ts";
import type { Fields } from "./fields.ts";

/** What has been done since the start or the last CONFIG RESETSTAT. */
export function statsFields(server: Server): Fields {
  const { auth, command, key, channel } = server.access.refusalLog.counts;
  return [
    ...trafficFields(server),
    ...keyFields(server),
    ...replyFields(server),
    ...turnFields(server),
    ["acl_access_denied_auth", auth],
    ["acl_access_denied_cmd", command],
    ["acl_access_denied_key", key],
    ["acl_access_denied_channel", channel],
  ];
}

function trafficFields({ clients, dispatcher, metrics }: Server): Fields {
  return [
    ["total_connections_received", clients.received],
    ["total_commands_processed", dispatcher.statistics.processed],
    ["instantaneous_ops_per_sec", Math.round(metrics.operationsPerSecond)],
    ["total_net_input_bytes", clients.netInputBytes],
    ["total_net_output_bytes", clients.netOutputBytes],
    ["total_net_repl_input_bytes", 0],
    ["total_net_repl_output_bytes", 0],
    ["instantaneous_input_kbps", kilobytes(metrics.inputBytesPerSecond)],
    ["instantaneous_output_kbps", kilobytes(metrics.outputBytesPerSecond)],
    ["instantaneous_input_repl_kbps", kilobytes(0)],
    ["instantaneous_output_repl_kbps", kilobytes(0)],
    ["rejected_connections", clients.rejected],
    ["sync_full", 0],
    ["sync_partial_ok", 0],
    ["sync_partial_err", 0],
  ];
}

function keyFields(server: Server): Fields {
  const { clients, engine, targets, pubsub, tracking } = server;
  const { expireMs, unfinishedCount } = server.housekeeping;
  const { totalMs, currentMs } = server.dispatcher.memory.exceeded;
  return [
    ["expired_subkeys", engine.calls.statExpiredFields()],
    ["expired_keys", engine.calls.statExpired()],
    // Expiry is exact: no due key stays behind for want of luck or time.
    ["expired_stale_perc", "0.00"],
    ["expired_time_cap_reached_count", unfinishedCount],
    ["expire_cycle_cpu_milliseconds", Math.floor(expireMs)],
    ["evicted_keys", engine.calls.statEvicted()],
    ["evicted_clients", clients.eviction.evictedCount],
    ["total_eviction_exceeded_time", Math.floor(totalMs)],
    ["current_eviction_exceeded_time", Math.floor(currentMs)],
    ["keyspace_hits", engine.calls.statHits()],
    ["keyspace_misses", engine.calls.statMisses()],
    ["pubsub_channels", pubsub.count("channel")],
    ["pubsub_patterns", pubsub.count("pattern")],
    ["pubsubshard_channels", pubsub.count("shard")],
    ["latest_fork_usec", 0],
    ["total_forks", 0],
    ["migrate_cached_sockets", targets.count],
    ["slave_expires_tracked_keys", 0],
    ["active_defrag_hits", 0],
    ["active_defrag_misses", 0],
    ["active_defrag_key_hits", 0],
    ["active_defrag_key_misses", 0],
    ["total_active_defrag_time", 0],
    ["current_active_defrag_time", 0],
    ["tracking_total_keys", tracking.keyCount],
    ["tracking_total_items", tracking.itemCount],
    ["tracking_total_prefixes", tracking.prefixCount],
  ];
}

function replyFields({ clients, dispatcher, engine }: Server): Fields {
  return [
    ["unexpected_error_replies", 0],
    ["total_error_replies", dispatcher.statistics.errorReplies],
    ["dump_payload_sanitizations", engine.calls.statPayloads()],
    ["total_reads_processed", clients.readsProcessed],
    ["total_writes_processed", clients.writesProcessed],
    ["io_threaded_reads_processed", 0],
    ["io_threaded_writes_processed", 0],
    ["reply_buffer_shrinks", 0],
    ["reply_buffer_expands", 0],
  ];
}

/** A turn of the loop is one that had something to do: a chunk or a timer. */
function turnFields({ dispatcher: { statistics }, metrics }: Server): Fields {
  return [
    ["eventloop_cycles", statistics.turnCount],
    ["eventloop_duration_sum", microseconds(statistics.turnMs)],
    ["eventloop_duration_cmd_sum", microseconds(statistics.commandMs)],
    [
      "instantaneous_eventloop_cycles_per_sec",
      Math.round(metrics.turnsPerSecond),
    ],
    ["instantaneous_eventloop_duration_usec", microseconds(metrics.turnMs)],
  ];
}

/** Fields for testers, shown only to who asks for them by name. */
export function debugFields({ dispatcher: { statistics } }: Server): Fields {
  return [
    ["eventloop_duration_aof_sum", microseconds(statistics.logMs)],
    ["eventloop_duration_cron_sum", microseconds(statistics.timerMs)],
    ["eventloop_duration_max", microseconds(statistics.longestTurnMs)],
    ["eventloop_cmd_per_cycle_max", statistics.turnCommandsMax],
  ];
}

function kilobytes(byteCount: number): string {
  return (byteCount / 1024).toFixed(2);
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000);
}
