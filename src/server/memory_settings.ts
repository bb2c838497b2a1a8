import {
  EVICT_DUE,
  EVICT_NOBODY,
  EVICT_RANDOM,
  EVICT_UNUSED,
} from "../engine/codes.ts";
import { USE_FREQUENCY, USE_IDLE, USE_UNKNOWN } from "../engine/rdb_codes.ts";
import type { Config } from "./config/config.ts";
import type { Server } from "./server.ts";

/** Lets settings take effect, now and whenever one of them is changed. */
export type Follow = (
  names: Parameters<Config["onChange"]>[0],
  apply: () => string | undefined | void,
) => void;

/** Up to here each step of tenacity is worth as much as the one before; ... */
const TENACITY_LINEAR = 10;
const MS_PER_STEP = 0.05;
/** ... from here on each is worth so many times as much. */
const TENACITY_GROWTH = 1.15;
const TENACITY_MAX = 100;

/** Lets the settings of maxmemory and eviction take effect. */
export function followMemory(server: Server, follow: Follow): void {
  const { settings, engine, dispatcher: { memory } } = server;
  follow(
    ["maxmemory-policy", "maxmemory-samples"],
    () => applyPolicy(server),
  );
  follow(["maxmemory-policy", "lfu-log-factor", "lfu-decay-time"], () => {
    engine.calls.setLfu(
      isLfu(settings) ? 1 : 0,
      settings.get("lfu-log-factor"),
      settings.get("lfu-decay-time"),
    );
    engine.calls.setRecordUse(recordedUse(settings));
  });
  follow(["maxmemory-eviction-tenacity"], () => {
    const tenacity = settings.get("maxmemory-eviction-tenacity");
    memory.timeLimitMs = evictionTimeMs(tenacity);
  });
  memory.bytes = settings.get("maxmemory") || Infinity;
  settings.onChange(["maxmemory"], () => changeLimit(server));
}

function applyPolicy({ settings, dispatcher: { memory } }: Server): void {
  const policy = settings.get("maxmemory-policy");
  memory.policy = {
    kind: victimsOf(policy),
    isVolatile: policy.startsWith("volatile"),
    sampleCount: settings.get("maxmemory-samples"),
  };
}

function victimsOf(policy: string): number {
  if (policy === "noeviction") return EVICT_NOBODY;
  if (policy.endsWith("random")) return EVICT_RANDOM;
  return policy.endsWith("ttl") ? EVICT_DUE : EVICT_UNUSED;
}

/** How long eviction may go on at a time, by its tenacity. */
function evictionTimeMs(tenacity: number): number {
  if (tenacity >= TENACITY_MAX) return Infinity;
  const beyond = Math.max(0, tenacity - TENACITY_LINEAR);
  return MS_PER_STEP * Math.min(tenacity, TENACITY_LINEAR) *
    TENACITY_GROWTH ** beyond;
}

/** Says what a limit below what is in use means, and begins with it. */
function changeLimit(server: Server): undefined {
  const { settings, metrics, dispatcher: { memory } } = server;
  const limit = settings.get("maxmemory");
  const used = metrics.used - metrics.uncounted;
  memory.bytes = limit || Infinity;
  if (limit === 0 || limit >= used) return;
  server.log(
    "warning",
    `WARNING: the new maxmemory value set via CONFIG SET (${limit}) is ` +
      `smaller than the current memory usage (${used}). This will result in ` +
      "key eviction and/or the inability to accept new write commands " +
      "depending on the maxmemory-policy.",
  );
  server.housekeeping.evict();
}

/** What eviction would have to know of the keys in a file. */
function recordedUse(settings: Config): number {
  if (isLfu(settings)) return USE_FREQUENCY;
  const isLru = settings.get("maxmemory-policy").endsWith("lru");
  return isLru ? USE_IDLE : USE_UNKNOWN;
}

export function isLfu(settings: Config): boolean {
  return settings.get("maxmemory-policy").endsWith("-lfu");
}

/** In Redis a shared integer could not tell when each key was used. */
export function sharesIntegers(settings: Config): boolean {
  return settings.get("maxmemory") === 0 ||
    !/lru|lfu/.test(settings.get("maxmemory-policy"));
}
