import type { LoadProgress } from "../../persistence/load_progress.ts";
import type { Persistence } from "../../persistence/persistence.ts";
import type { Server } from "../server.ts";
import { type Fields, secondsBetween } from "./fields.ts";

/** What is kept on disk, and how the keeping goes. */
export function persistenceFields({ persistence }: Server): Fields {
  const { always, whileOn } = persistence.logFields;
  return [
    ["loading", persistence.isLoading ? 1 : 0],
    ["async_loading", 0],
    ...copyFields(persistence),
    ...dumpFields(persistence),
    ...always,
    ["module_fork_in_progress", 0],
    ["module_fork_last_cow_size", 0],
    ...whileOn,
    ...loadingFields(persistence.loading),
  ];
}

/** Nothing forks, so no page is ever copied; keys are walked through here. */
function copyFields({ image }: Persistence): Fields {
  const done = image?.keysDone ?? 0;
  const total = image?.keysTotal ?? 0;
  const percent = total === 0 ? 0 : done / total * 100;
  return [
    ["current_cow_peak", 0],
    ["current_cow_size", 0],
    ["current_cow_size_age", 0],
    ["current_fork_perc", percent.toFixed(2)],
    ["current_save_keys_processed", done],
    ["current_save_keys_total", total],
  ];
}

function dumpFields({ saves, loadCounts }: Persistence): Fields {
  const { startedMs } = saves;
  return [
    ["rdb_changes_since_last_save", saves.unsavedChanges],
    ["rdb_bgsave_in_progress", saves.isRunning ? 1 : 0],
    ["rdb_last_save_time", Math.floor(saves.lastSavedMs / 1000)],
    ["rdb_last_bgsave_status", saves.isHealthy ? "ok" : "err"],
    ["rdb_last_bgsave_time_sec", saves.lastSeconds],
    [
      "rdb_current_bgsave_time_sec",
      startedMs === null ? -1 : secondsBetween(startedMs, Date.now()),
    ],
    ["rdb_saves", saves.count],
    ["rdb_last_cow_size", 0],
    ["rdb_last_load_keys_expired", loadCounts.expired],
    ["rdb_last_load_keys_loaded", loadCounts.loaded],
  ];
}

function loadingFields(loading: LoadProgress | null): Fields {
  if (loading === null) return [];
  return [
    ["loading_start_time", Math.floor(loading.startedMs / 1000)],
    ["loading_total_bytes", loading.totalBytes],
    ["loading_rdb_used_mem", loading.usedMemory],
    ["loading_loaded_bytes", loading.loadedBytes],
    ["loading_loaded_perc", loading.percent.toFixed(2)],
    ["loading_eta_seconds", loading.etaSeconds(Date.now())],
  ];
}
