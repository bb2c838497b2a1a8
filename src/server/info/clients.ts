import type { Server } from "../server.ts";
import type { Fields } from "./fields.ts";

/** Who is connected. */
export function clientsFields(
  { clients, settings, dispatcher, pause }: Server,
): Fields {
  let inputMax = 0;
  let outputMax = 0;
  for (const session of clients.sessions()) {
    const { bytes, free } = dispatcher.turn.inputUse(session);
    inputMax = Math.max(inputMax, bytes + free);
    outputMax = Math.max(outputMax, session.transport.pendingBytes);
  }
  return [
    ["connected_clients", clients.count],
    ["cluster_connections", 0],
    ["maxclients", settings.get("maxclients")],
    ["client_recent_max_input_buffer", inputMax],
    ["client_recent_max_output_buffer", outputMax],
    ["blocked_clients", dispatcher.blocking.count + pause.postponedCount],
    ["tracking_clients", 0],
    ["clients_in_timeout_table", dispatcher.blocking.timedCount],
    ["total_blocking_keys", dispatcher.blocking.keyCount],
    ["total_blocking_keys_on_nokey", 0],
    ["paused_reason", pause.isOn ? "client_pause" : "none"],
    ["paused_actions", pause.level],
    ["paused_timeout_milliseconds", pause.leftMs],
  ];
}
