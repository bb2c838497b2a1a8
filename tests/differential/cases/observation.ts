/** SLOWLOG, LATENCY, MONITOR: what does not depend on how quick a machine is. */

import { group, script } from "../script.ts";

const noLog = "CONFIG SET slowlog-log-slower-than -1";

export default group("observation", [
  script("SLOWLOG counts, forgets and refuses", (t) => {
    t.all(noLog, "SLOWLOG RESET", "SLOWLOG LEN", "SLOWLOG GET");
    t.all("SLOWLOG GET 0", "SLOWLOG GET -1", "SLOWLOG GET 9223372036854775807");
    t.all("SLOWLOG GET -2", "SLOWLOG GET x", "SLOWLOG GET 1 2", "SLOWLOG");
    t.all("SLOWLOG LEN x", "SLOWLOG RESET x", "SLOWLOG WAT", "SLOWLOG WAT x");
    t.all("CONFIG SET slowlog-log-slower-than 0", "SET a 1", "LPUSH a 1");
    t.all("GET", "WAT", "AUTH a b c", "EXPIRE a 10", "SLOWLOG LEN");
    t.all("MULTI", "SET a 2", "WAT", "EXEC", "SLOWLOG LEN");
    t.all("MULTI", "SET a 2", "STRLEN a", "EXEC", "SLOWLOG LEN");
    t.all("CONFIG SET slowlog-max-len 2", "SLOWLOG LEN");
    t.all("CONFIG SET slowlog-max-len 0", "SLOWLOG LEN", "SLOWLOG GET");
    t.all(noLog, "SLOWLOG LEN", "CONFIG SET slowlog-max-len 128");
    t.all("CONFIG SET slowlog-log-slower-than 10000", "SLOWLOG RESET");
  }),

  script("LATENCY has nothing to tell, and refuses", (t) => {
    t.all("LATENCY LATEST", "LATENCY HISTORY command", "LATENCY RESET");
    t.all("LATENCY RESET command", "LATENCY RESET a b c", "LATENCY GRAPH a");
    t.all("LATENCY HISTORY", "LATENCY HISTORY a b", "LATENCY GRAPH");
    t.all("LATENCY LATEST x", "LATENCY DOCTOR x", "LATENCY WAT", "LATENCY");
    t.all("LATENCY HISTOGRAM wat", "LATENCY HISTOGRAM wat|wat get|x");
    t.all("CONFIG SET latency-tracking no", "CONFIG RESETSTAT", "SET a 1");
    t.all("LATENCY HISTOGRAM", "LATENCY HISTOGRAM set", "INFO latencystats");
    t.all("CONFIG SET latency-tracking yes");
  }),

  script("errors are counted by their kind", (t) => {
    t.all("CONFIG RESETSTAT", "INFO errorstats", "SET a x", "INCR a", "WAT");
    t.all("LPUSH a 1", "GET", "EXEC", "DISCARD", "CONFIG GET", "CONFIG WAT");
    t.all("MULTI", "WAT", "EXEC", "INFO errorstats", "CONFIG RESETSTAT");
    t.all("MULTI", "INCR a", "LPUSH a 1", "EXEC", "INFO errorstats");
  }),

  script(
    "MONITOR is not for transactions",
    (t) => {
      t.all("MULTI", "MONITOR", "EXEC", "MONITOR x");
    },
  ),
]);
