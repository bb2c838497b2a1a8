import type { Server } from "../server.ts";
import type { Fields } from "./fields.ts";

/** Who is connected. */
export function clientsFields(
  { clients, settings, dispatcher, tracking }: Server,
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
    ["blocked_clients", dispatcher.blocking.count],
    ["tracking_clients", tracking.count],
    ["clients_in_timeout_table", dispatcher.blocking.timedCount],
    ["total_blocking_keys", dispatcher.blocking.keyCount],
    ["total_blocking_keys_on_nokey", 0],
  ];
}
