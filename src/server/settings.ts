import type { ConfigFace } from "../commands/call.ts";
import type { LatencySettings } from "../observe/latency_doctor.ts";
import type { Config } from "./config/config.ts";
import { bytesFromText, textFromBytes } from "../protocol/text.ts";
import {
  type Follow,
  followMemory,
  isLfu,
  sharesIntegers,
} from "./memory_settings.ts";
import { replaceFile } from "./replace_file.ts";
import type { Server } from "./server.ts";

/** The engine can hold no longer string than this. */
const STRING_MAX_BYTES = 2 ** 32 - 2 ** 20;
const ARGUMENT_COUNT_MAX = 2 ** 31 - 1;
const INLINE_MAX_BYTES = 64 * 1024;

/** What TLS connections depend on; before their port is opened. */
const TLS_DIRECTIVES = [
  "tls-port",
  "tls-cluster",
  "tls-replication",
  "tls-auth-clients",
  "tls-cert-file",
  "tls-key-file",
  "tls-key-file-pass",
  "tls-client-cert-file",
  "tls-client-key-file",
  "tls-client-key-file-pass",
  "tls-ca-cert-file",
  "tls-ca-cert-dir",
  "tls-protocols",
] as const;

/** Makes settings take effect, now and whenever CONFIG SET changes them. */
export function followSettings(server: Server): void {
  const { settings } = server;
  const follow: Follow = (names, apply) => {
    apply();
    settings.onChange(names, () => apply() ?? undefined);
  };
  followMemory(server, follow);
  follow(
    ["proto-max-bulk-len", "client-query-buffer-limit"],
    () => applyLimits(server),
  );
  follow(
    [
      "list-max-listpack-size",
      "list-compress-depth",
      "hash-max-listpack-entries",
      "hash-max-listpack-value",
      "set-max-intset-entries",
      "set-max-listpack-entries",
      "set-max-listpack-value",
      "zset-max-listpack-entries",
      "zset-max-listpack-value",
      "hll-sparse-max-bytes",
    ],
    () => applyEncodings(server),
  );
  follow(["client-output-buffer-limit"], () => {
    const { limits } = server.clients;
    limits.follow();
    server.dispatcher.turn.withheld.maxBytes = limits.turnMaxBytes;
  });
  settings.onChange(["maxmemory-clients", "maxmemory"], () => {
    server.clients.followMemoryLimit();
    return undefined;
  });
  follow(
    ["save", "stop-writes-on-bgsave-error"],
    () => server.refreshWriteRefusal(),
  );
  settings.onChange(
    ["appendonly"],
    () =>
      server.followAppendOnly()
        ? undefined
        : "Unable to turn on AOF. Check server logs.",
  );
  settings.onChange(["aof-disable-auto-gc"], () => {
    if (!settings.get("aof-disable-auto-gc")) {
      // Whoever is told so shall find the files gone.
      const removed = server.persistence.aof.removeHistory();
      server.dispatcher.turn.holdReplies(removed);
    }
    return undefined;
  });
  settings.onChange(["requirepass"], () => {
    server.access.followPassword();
    return undefined;
  });
  follow(["notify-keyspace-events"], () => {
    server.eventFeed.follow(settings.get("notify-keyspace-events"));
  });
  follow(["rdbcompression"], () => {
    const isOn = settings.get("rdbcompression");
    server.engine.calls.setRdbCompression(isOn ? 1 : 0);
  });
  follow(
    [
      "slowlog-log-slower-than",
      "slowlog-max-len",
      "latency-monitor-threshold",
      "latency-tracking",
    ],
    () => applyObservation(server),
  );
  follow(["unixsocket"], () => {
    server.watch.unixPath = settings.get("unixsocket") ?? "";
  });
  follow(["tracking-table-max-keys"], () => {
    server.tracking.maxKeys = settings.get("tracking-table-max-keys") ||
      Infinity;
  });
  follow(["loglevel"], () => {
    server.journal.level = settings.get("loglevel");
  });
  settings.onChange(TLS_DIRECTIVES, () => {
    return server.tls.refresh()
      ? undefined
      : "Unable to update TLS configuration. Check server logs.";
  });
  settings.onChange(["port", "tls-port", "bind"], (changed) => {
    if (server.moveListeners()) return undefined;
    return changed.has("port") || changed.has("tls-port")
      ? "Unable to listen on this port. Check server logs."
      : "Failed to bind to specified addresses.";
  });
}

function applyLimits({ settings, engine, dispatcher }: Server): void {
  const bulkBytes = Math.min(
    settings.get("proto-max-bulk-len"),
    STRING_MAX_BYTES,
  );
  engine.calls.setMaxStringBytes(bulkBytes);
  engine.calls.setParserLimits(ARGUMENT_COUNT_MAX, bulkBytes, INLINE_MAX_BYTES);
  dispatcher.inputLimit = settings.get("client-query-buffer-limit");
}

/** What is noted of commands and of what takes long. */
function applyObservation(server: Server): void {
  const { settings, slowLog, latency, watch, dispatcher } = server;
  const slowLogUs = settings.get("slowlog-log-slower-than");
  const latencyMs = settings.get("latency-monitor-threshold");
  slowLog.thresholdUs = slowLogUs;
  slowLog.maxLength = settings.get("slowlog-max-len");
  latency.thresholdMs = latencyMs;
  watch.follow(slowLogUs, latencyMs);
  dispatcher.statistics.tracksDurations = settings.get("latency-tracking");
}

/** What the advice about latency depends on. */
export function latencySettings(settings: Config): LatencySettings {
  return {
    slowLogUs: settings.get("slowlog-log-slower-than"),
    fsync: settings.get("appendfsync"),
    syncsDuringRewrite: !settings.get("no-appendfsync-on-rewrite"),
  };
}

/** Up to where collections keep their small encodings. */
function applyEncodings({ settings, engine: { calls } }: Server): void {
  calls.setListLimits(
    settings.get("list-max-listpack-size"),
    settings.get("list-compress-depth"),
  );
  calls.setHashLimits(
    settings.get("hash-max-listpack-entries"),
    settings.get("hash-max-listpack-value"),
  );
  calls.setSetLimits(
    settings.get("set-max-intset-entries"),
    settings.get("set-max-listpack-entries"),
    settings.get("set-max-listpack-value"),
  );
  calls.setSortedSetLimits(
    settings.get("zset-max-listpack-entries"),
    settings.get("zset-max-listpack-value"),
  );
  calls.setHyperLogLogLimit(settings.get("hll-sparse-max-bytes"));
}

/** The settings as commands see them. */
export function configFace(server: Server): ConfigFace {
  const { settings, access } = server;
  return {
    getPattern: (patterns) =>
      settings.getPattern(patterns.map(textFromBytes)).map(([name, value]) => [
        bytesFromText(name),
        bytesFromText(value),
      ]),
    set: (pairs, context) =>
      settings.set(pairs.map(textFromBytes), {
        ...context,
        isLoading: server.persistence.isLoading,
      }),
    rewrite: () =>
      settings.rewrite(rewriteFiles, { users: access.configuredUsers() }),
    get debugAllowed() {
      return settings.get("enable-debug-command");
    },
    get lfuPolicy() {
      return isLfu(settings);
    },
    get sharesIntegers() {
      return sharesIntegers(settings);
    },
  };
}

const rewriteFiles = {
  readTextFile: Deno.readTextFileSync,
  replaceTextFile: (path: string, text: string) =>
    replaceFile(path, new TextEncoder().encode(text)),
};
