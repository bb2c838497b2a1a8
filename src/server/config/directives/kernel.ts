/** Threads, processors, the kernel and the allocator of C: out of reach. */
import {
  boolean,
  directive,
  integer,
  memory,
  optionalText,
  text,
} from "../directive.ts";
import { oomScoresKind } from "../specialKinds.ts";
import { INT_MAX, LONG_MAX, MEBIBYTE } from "../numbers.ts";
import { choiceKind } from "../simpleKinds.ts";

const NO_THREADS = "the server runs in one thread and Deno reads for it";
const NO_OOM_SCORE = "Deno cannot write the out-of-memory score of a process";
const NO_AFFINITY = "Deno cannot bind a process to processors";
const NO_DEFRAG = "the engine's memory is not defragmented";
const NO_WATCHDOG = "there is no native watchdog signal in Deno";

export const kernelDirectives = {
  "io-threads": integer(1, 1, 128, { immutable: true, noEffect: NO_THREADS }),
  "io-threads-do-reads": boolean(false, {
    immutable: true,
    noEffect: NO_THREADS,
  }),
  "oom-score-adj": directive(
    choiceKind(["no", "yes", "relative", "absolute"], { relative: "yes" }),
    "no",
    { noEffect: NO_OOM_SCORE },
  ),
  "oom-score-adj-values": directive(
    oomScoresKind,
    Object.freeze([0, 200, 800]),
    { noEffect: NO_OOM_SCORE },
  ),
  "disable-thp": boolean(true, {
    immutable: true,
    noEffect: "Deno cannot change the kernel's huge page setting",
  }),
  activedefrag: boolean(false, { noEffect: NO_DEFRAG }),
  "active-defrag-ignore-bytes": memory(100 * MEBIBYTE, 1, LONG_MAX, {
    noEffect: NO_DEFRAG,
  }),
  "active-defrag-threshold-lower": integer(10, 0, 1000, {
    noEffect: NO_DEFRAG,
  }),
  "active-defrag-threshold-upper": integer(100, 0, 1000, {
    noEffect: NO_DEFRAG,
  }),
  "active-defrag-cycle-min": integer(1, 1, 99, { noEffect: NO_DEFRAG }),
  "active-defrag-cycle-max": integer(25, 1, 99, { noEffect: NO_DEFRAG }),
  "active-defrag-max-scan-fields": integer(1000, 1, LONG_MAX, {
    noEffect: NO_DEFRAG,
  }),
  "jemalloc-bg-thread": boolean(true, {
    noEffect: "the engine has its own allocator",
  }),
  server_cpulist: optionalText({ immutable: true, noEffect: NO_AFFINITY }),
  bio_cpulist: optionalText({ immutable: true, noEffect: NO_AFFINITY }),
  aof_rewrite_cpulist: optionalText({
    immutable: true,
    noEffect: NO_AFFINITY,
  }),
  bgsave_cpulist: optionalText({ immutable: true, noEffect: NO_AFFINITY }),
  "ignore-warnings": text("", {
    noEffect:
      "the kernel bug it silences does not concern a server without fork",
  }),
  "use-exit-on-panic": boolean(false, {
    hidden: true,
    noEffect: "a failed check of the engine is a JavaScript error",
  }),
  "watchdog-period": integer(0, 0, INT_MAX, {
    hidden: true,
    noEffect: NO_WATCHDOG,
  }),
};
