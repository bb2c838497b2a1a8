import type { Server } from "../server.ts";
import type { Fields } from "./fields.ts";

const NO_REPLICATION_ID = "0".repeat(40);

/** Who follows whom; so far nobody follows. */
export function replicationFields({ replicationId, settings }: Server): Fields {
  return [
    ["role", "master"],
    ["connected_slaves", 0],
    ["master_failover_state", "no-failover"],
    ["master_replid", replicationId],
    ["master_replid2", NO_REPLICATION_ID],
    ["master_repl_offset", 0],
    ["second_repl_offset", -1],
    ["repl_backlog_active", 0],
    ["repl_backlog_size", settings.get("repl-backlog-size")],
    ["repl_backlog_first_byte_offset", 0],
    ["repl_backlog_histlen", 0],
  ];
}
