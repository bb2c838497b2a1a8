/** The cluster, and how a node of it presents itself. */
import {
  boolean,
  choice,
  integer,
  memory,
  optionalText,
  text,
} from "../directive.ts";
import { INT_MAX, LONG_MAX, ULONG_MAX } from "../numbers.ts";
import { checkHostname, checkNodeName } from "../checks.ts";

export const clusterDirectives = {
  "cluster-enabled": boolean(false, { immutable: true }),
  "cluster-config-file": text("nodes.conf", { immutable: true }),
  "cluster-node-timeout": integer(15000, 0, LONG_MAX),
  "cluster-port": integer(0, 0, 65535, { immutable: true }),
  "cluster-replica-validity-factor": integer(10, 0, INT_MAX, {
    alias: "cluster-slave-validity-factor",
  }),
  "cluster-migration-barrier": integer(1, 0, INT_MAX),
  "cluster-allow-replica-migration": boolean(true),
  "cluster-require-full-coverage": boolean(true),
  "cluster-replica-no-failover": boolean(false, {
    alias: "cluster-slave-no-failover",
  }),
  "cluster-allow-reads-when-down": boolean(false),
  "cluster-allow-pubsubshard-when-down": boolean(true),
  "cluster-link-sendbuf-limit": memory(0, 0, ULONG_MAX),
  "cluster-announce-hostname": optionalText({}, checkHostname),
  "cluster-announce-human-nodename": optionalText({}, checkNodeName),
  "cluster-preferred-endpoint-type": choice(
    ["ip", "hostname", "unknown-endpoint"],
    "ip",
  ),
  "cluster-announce-tls-port": integer(0, 0, 65535),
  "cluster-announce-ip": optionalText(),
  "cluster-announce-port": integer(0, 0, 65535),
  "cluster-announce-bus-port": integer(0, 0, 65535),
  "cluster-ping-interval": integer(0, 0, LONG_MAX, { hidden: true }),
};
