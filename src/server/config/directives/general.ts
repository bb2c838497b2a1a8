/** The process, its log, its pace, what it measures and how it ends. */
import {
  boolean,
  choice,
  directive,
  flags,
  integer,
  optionalText,
  text,
} from "../directive.ts";
import { eventClassesKind, percentilesKind } from "../specialKinds.ts";
import { INT_MAX, LONG_MAX } from "../numbers.ts";
import { integerKind } from "../simpleKinds.ts";
import { checkProcessTitle } from "../checks.ts";

const NO_SYSLOG = "Deno has no access to the system log";
const NO_NATIVE_CRASH = "a crash of Deno is reported by Deno itself";
const FIXED_PACE = "work is done when it is due, or ten times a second";
const NO_PROCESS_TITLE = "a Deno program cannot rename its process";

/** Saving and not saving at once is the one combination without a meaning. */
function checkShutdownFlags(wanted: readonly string[]): string | undefined {
  return wanted.includes("save") && wanted.includes("nosave")
    ? "shutdown options SAVE and NOSAVE can't be used simultaneously"
    : undefined;
}

const SHUTDOWN_FLAGS = ["save", "nosave", "now", "force"] as const;

export const generalDirectives = {
  daemonize: boolean(false, {
    immutable: true,
    noEffect: "a Deno program cannot detach itself, start it in the background",
  }),
  supervised: choice(["upstart", "systemd", "auto", "no"], "no", {
    immutable: true,
    noEffect: "the server does not read the environment of its supervisor",
  }),
  pidfile: optionalText({ immutable: true }),
  loglevel: choice(
    ["debug", "verbose", "notice", "warning", "nothing"],
    "notice",
  ),
  logfile: text("", { immutable: true }),
  "syslog-enabled": boolean(false, { immutable: true, noEffect: NO_SYSLOG }),
  "syslog-ident": text("redis", { immutable: true, noEffect: NO_SYSLOG }),
  "syslog-facility": choice(
    [
      "user",
      "local0",
      "local1",
      "local2",
      "local3",
      "local4",
      "local5",
      "local6",
      "local7",
    ],
    "local0",
    { immutable: true, noEffect: NO_SYSLOG },
  ),
  "crash-log-enabled": boolean(true, { noEffect: NO_NATIVE_CRASH }),
  "crash-memcheck-enabled": boolean(true, { noEffect: NO_NATIVE_CRASH }),
  databases: integer(16, 1, INT_MAX, { immutable: true }),
  "always-show-logo": boolean(false, { immutable: true }),
  "set-proc-title": boolean(true, {
    immutable: true,
    noEffect: NO_PROCESS_TITLE,
  }),
  "proc-title-template": text(
    "{title} {listen-addr} {server-mode}",
    { noEffect: NO_PROCESS_TITLE },
    checkProcessTitle,
  ),
  "locale-collate": text("", {
    noEffect: "Deno has no access to the locales of the system",
  }),
  hz: directive(
    integerKind({ min: 0, max: INT_MAX }, { min: 1, max: 500 }),
    10,
    { noEffect: FIXED_PACE },
  ),
  "dynamic-hz": boolean(true, { noEffect: FIXED_PACE }),
  "shutdown-timeout": integer(10, 0, INT_MAX),
  "shutdown-on-sigint": flags(SHUTDOWN_FLAGS, checkShutdownFlags),
  "shutdown-on-sigterm": flags(SHUTDOWN_FLAGS, checkShutdownFlags),
  "busy-reply-threshold": integer(5000, 0, LONG_MAX, {
    alias: "lua-time-limit",
  }),
  "slowlog-log-slower-than": integer(10000, -1, LONG_MAX),
  "slowlog-max-len": integer(128, 0, LONG_MAX),
  "latency-monitor-threshold": integer(0, 0, LONG_MAX),
  "latency-tracking": boolean(true),
  "latency-tracking-info-percentiles": directive(
    percentilesKind,
    Object.freeze([50, 99, 99.9]),
  ),
  "notify-keyspace-events": directive(eventClassesKind, ""),
};
