import process from "node:process";
import type { Server } from "../server.ts";
import { REDIS_VERSION, VERSION } from "../version.ts";
import { type Fields, secondsBetween } from "./fields.ts";

const SYSTEMS: Record<string, string> = {
  linux: "Linux",
  darwin: "Darwin",
  windows: "Windows",
  freebsd: "FreeBSD",
};

/** How the runtime waits for sockets on each system. */
const MULTIPLEXERS: Record<string, string> = {
  linux: "epoll",
  android: "epoll",
  windows: "iocp",
};

const LRU_CLOCK_MAX = 2 ** 24;
const DAY_SECONDS = 86_400;

/** What is running here. */
export function serverFields(server: Server): Fields {
  const { settings } = server;
  const now = Date.now();
  const { os, arch } = Deno.build;
  const uptime = secondsBetween(server.startedAtMs, now);
  return [
    ["redis_version", REDIS_VERSION],
    ["server_name", "keysaur"],
    ["keysaur_version", VERSION],
    ["redis_git_sha1", "00000000"],
    ["redis_git_dirty", 0],
    ["redis_build_id", 0],
    ["redis_mode", "standalone"],
    // The kernel's release is beyond what our permissions let us see.
    ["os", `${SYSTEMS[os] ?? os} ${arch}`],
    ["arch_bits", 32],
    ["monotonic_clock", "performance.now"],
    ["multiplexing_api", MULTIPLEXERS[os] ?? "kqueue"],
    ["atomicvar_api", "none"],
    ["gcc_version", "0.0.0"],
    ["deno_version", Deno.version.deno],
    ["process_id", Deno.pid],
    ["process_supervised", "no"],
    ["run_id", server.runId],
    ["tcp_port", settings.get("port") || settings.get("tls-port")],
    ["server_time_usec", now * 1000],
    ["uptime_in_seconds", uptime],
    ["uptime_in_days", Math.floor(uptime / DAY_SECONDS)],
    ["hz", settings.get("hz")],
    ["configured_hz", settings.get("hz")],
    ["lru_clock", Math.floor(now / 1000) % LRU_CLOCK_MAX],
    ["executable", executable()],
    ["config_file", settings.configFile ?? ""],
    ["io_threads_active", 0],
    ...listenerFields(server),
  ];
}

/** Needs leave to read, which a server that keeps everything may lack. */
function executable(): string {
  try {
    return Deno.execPath();
  } catch {
    return "";
  }
}

function listenerFields({ settings }: Server): Fields {
  const listeners: string[] = [];
  const binds = settings.get("bind").map((address) => `,bind=${address}`);
  for (const [name, directive] of [["tcp", "port"], ["tls", "tls-port"]]) {
    const port = settings.get(directive as "port" | "tls-port");
    if (port !== 0) {
      listeners.push(`name=${name}${binds.join("")},port=${port}`);
    }
  }
  const path = settings.get("unixsocket") ?? "";
  if (path !== "") listeners.push(`name=unix,bind=${path}`);
  return listeners.map((text, i) => [`listener${i}`, text]);
}

/** Processor time; there are no children to have used any. */
export function cpuFields(): Fields {
  const all = process.cpuUsage();
  const main = process.threadCpuUsage();
  return [
    ["used_cpu_sys", seconds(all.system)],
    ["used_cpu_user", seconds(all.user)],
    ["used_cpu_sys_children", seconds(0)],
    ["used_cpu_user_children", seconds(0)],
    ["used_cpu_sys_main_thread", seconds(main.system)],
    ["used_cpu_user_main_thread", seconds(main.user)],
  ];
}

function seconds(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6);
}
