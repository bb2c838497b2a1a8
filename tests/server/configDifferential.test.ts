/**
 * The same CONFIG SET and CONFIG GET for a real redis-server and for Config.
 * Debian's server is 7.0: what 7.2 changed is named here, row by row.
 */
import { assertEquals } from "@std/assert";
import { Config } from "../../src/server/config/config.ts";
import {
  type DirectiveName,
  DIRECTIVES,
  NAMED_DIRECTIVES,
} from "../../src/server/config/directives.ts";
import { connect, type Plain, ReplyError } from "../support/client.ts";
import { realRedis, startRedis } from "../support/real.ts";

/** Directives that 7.0 does not have. */
const NEW_IN_7_2: readonly DirectiveName[] = [
  "locale-collate",
  "set-max-listpack-entries",
  "set-max-listpack-value",
  "cluster-announce-human-nodename",
  "cluster-ping-interval",
];

/** Directives whose change the real server applies, and the world decides. */
const APPLIED: readonly DirectiveName[] = [
  "activedefrag",
  "appendonly",
  "bind",
  "dir",
  "jemalloc-bg-thread",
  "maxclients",
  "oom-score-adj",
  "oom-score-adj-values",
  "port",
  "requirepass",
  "tls-cluster",
  "tls-port",
  "tls-replication",
  "watchdog-period",
];

const WORDS = [
  "",
  " ",
  "yes",
  "No",
  "maybe",
  "a b",
  "a/b",
  "a\\b",
  "x".repeat(256),
];
const NUMBERS = [
  ...["0", "1", "-1", "10", "99", "101", "1000", "65535", "65536", "007", "+5"],
  ...["1.5", "2147483647", "2147483648", "-2147483649", "4294967296"],
  ...["9223372036854775807", "9223372036854775808", "18446744073709551615"],
  ...["99999999999999999999999999", "1024", "1048575", "1048576"],
];
const AMOUNTS = [
  ...["1k", "1Kb", "3mb", "2g", "1tb", "b", "kb", "5%", "0%", "101%", "-5%"],
];
const LISTS = [
  ...["60 1", "60 1 30 2", "60", "60 -1", "0 1", "60  1", "60 "],
  ...["save nosave", "now FORCE default", "bogus save", "normal 0 0 0"],
  ...["slave 1mb 2k 3 normal 5gb 6 7", "master 1 1 1", "normal x 1 1"],
  ...["normal 1 1 -1", "NORMAL 1 1 4294967295", "50 99.99 1e1", "inf", "nan"],
];
const OTHERS = [
  ...["AKE", "KEg$lshzxetdmn", "n", "nA", "q", "{title}", "{title} x", "{x}"],
  ...["{{", "volatile-lru", "ALWAYS", "swapdb", "debug", "hostname", "a!b"],
];
const PROBES = [...WORDS, ...NUMBERS, ...AMOUNTS, ...LISTS, ...OTHERS];

/** A reply in the words of 7.2. */
function modern(reply: Plain): Plain {
  if (!(reply instanceof ReplyError)) return reply;
  return reply.message
    .replace("argument must be one of", "argument(s) must be one of")
    .replace("verbose, notice, warning", "verbose, notice, warning, nothing");
}

Deno.test({
  name: "CONFIG SET and CONFIG GET answer like redis-server, value by value",
  ignore: realRedis() === undefined,
  async fn() {
    await using server = await startRedis([
      "--enable-protected-configs",
      "yes",
    ]);
    using client = await connect(server.port);
    // Some probes leave clients next to no memory.
    await client.call("CLIENT", "NO-EVICT", "on");
    const config = Config.from({ "enable-protected-configs": "yes" });
    for (const { shownName, name } of NAMED_DIRECTIVES) {
      if (NEW_IN_7_2.includes(name) || APPLIED.includes(name)) continue;
      // What this server was started with differs from the defaults.
      const isImmutable = DIRECTIVES[name].immutable === true;
      const probes = isImmutable ? PROBES.slice(0, 1) : PROBES;
      const replies = await client.pipeline(
        probes.flatMap((probe) => [
          ["CONFIG", "SET", shownName, probe],
          ["CONFIG", "GET", shownName],
        ]),
      );
      probes.forEach((probe, index) => {
        const [set, got] = replies.slice(index * 2, index * 2 + 2);
        const hint = `${shownName} '${probe}'`;
        assertEquals(config.set([shownName, probe]) ?? "OK", modern(set), hint);
        if (!isImmutable) {
          assertEquals([shownName, config.getText(name)], got, hint);
        }
      });
    }
  },
});
