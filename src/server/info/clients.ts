import type { Server } from "../server.ts";
import type { Fields } from "./fields.ts";

/** Who is connected. */
export function clientsFields(
  { clients, settings, dispatcher, pause, tracking }: Server,
): Fields {
  const peaks = clients.peaks.recent(clients.sessions());
  return [
    ["connected_clients", clients.count],
    ["cluster_connections", 0],
    ["maxclients", settings.get("maxclients")],
    ["client_recent_max_input_buffer", peaks.input],
    ["client_recent_max_output_buffer", peaks.output],
    ["blocked_clients", dispatcher.blocking.count + pause.postponedCount],
    ["tracking_clients", tracking.count],
    ["clients_in_timeout_table", dispatcher.blocking.timedCount],
    ["total_blocking_keys", dispatcher.blocking.keyCount],
    ["total_blocking_keys_on_nokey", 0],
    ["paused_reason", pause.isOn ? "client_pause" : "none"],
    ["paused_actions", pause.level],
    ["paused_timeout_milliseconds", pause.leftMs],
  ];
}
