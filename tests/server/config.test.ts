import { assert, assertEquals, assertThrows } from "@std/assert";
import { Config } from "../../src/server/config/config.ts";
import type { DirectiveName } from "../../src/server/config/directives.ts";

const FAILED = "ERR CONFIG SET failed (possibly related to argument";

Deno.test("settings have the types of their directives", () => {
  const config = new Config();
  const port: number = config.get("port");
  const isProtected: boolean = config.get("protected-mode");
  const policy: "noeviction" | "allkeys-lru" | string = config.get(
    "maxmemory-policy",
  );
  const fsync: "everysec" | "always" | "no" = config.get("appendfsync");
  const bind: readonly string[] = config.get("bind");
  const flags: readonly ("save" | "nosave" | "now" | "force")[] = config.get(
    "shutdown-on-sigterm",
  );
  assertEquals([port, isProtected, policy, fsync], [
    6379,
    true,
    "noeviction",
    "everysec",
  ]);
  assertEquals([bind, flags], [["*", "-::*"], []]);
  assertEquals(config.get("save")[2], { seconds: 60, changes: 10000 });
  assertEquals(config.get("replicaof"), undefined);
  assertEquals(config.get("client-output-buffer-limit").replica, {
    hardBytes: 268435456,
    softBytes: 67108864,
    softSeconds: 60,
  });
});

Deno.test("a configuration for tests is made from plain values", () => {
  const config = Config.from({
    port: 0,
    appendonly: true,
    maxmemory: "100mb",
    "maxmemory-clients": "5%",
    bind: ["127.0.0.1", "::1"],
    save: "60 1",
    replicaof: ["master", "7000"],
    "notify-keyspace-events": "KA",
    "oom-score-adj": "relative",
  });
  assertEquals(config.get("port"), 0);
  assertEquals(config.get("appendonly"), true);
  assertEquals(config.get("maxmemory"), 104857600);
  assertEquals(config.get("maxmemory-clients"), { unit: "percent", amount: 5 });
  assertEquals(config.get("bind"), ["127.0.0.1", "::1"]);
  assertEquals(config.get("save"), [{ seconds: 60, changes: 1 }]);
  assertEquals(config.get("replicaof"), { host: "master", port: 7000 });
  assertEquals(config.get("notify-keyspace-events"), "g$lshzxetdK");
  assertEquals(config.getText("notify-keyspace-events"), "AK");
  assertEquals(config.getText("oom-score-adj"), "yes");
});

Deno.test("a refused value in a configuration for tests throws its reason", () => {
  assertThrows(
    () => Config.from({ port: 70000 }),
    Error,
    "port '70000': argument must be between 0 and 65535 inclusive",
  );
});

Deno.test("two configurations share nothing that changes", () => {
  const one = new Config();
  const other = new Config();
  assertEquals(one.set(["maxmemory", "1mb", "save", ""]), undefined);
  one.statements.user.push({
    args: ["bob"],
    place: { source: "", lineNumber: 1, line: "" },
  });
  assertEquals(other.get("maxmemory"), 0);
  assertEquals(other.getText("save"), "3600 1 300 100 60 10000");
  assertEquals(other.statements.user, []);
});

Deno.test("CONFIG GET finds names, aliases, patterns and each only once", () => {
  const config = new Config();
  const names = (...patterns: string[]) =>
    config.getPattern(patterns).map(([name]) => name);
  assertEquals(names("port"), ["port"]);
  assertEquals(names("PORT", "port", "por*"), ["PORT"]);
  assertEquals(names("nothing", "no*thing"), []);
  assertEquals(names("*of").sort(), ["replicaof", "slaveof"]);
  assertEquals(names("slaveof"), ["slaveof"]);
  assertEquals(names("maxmemory", "maxmemory*").sort(), [
    "maxmemory",
    "maxmemory-clients",
    "maxmemory-eviction-tenacity",
    "maxmemory-policy",
    "maxmemory-samples",
  ]);
});

Deno.test("CONFIG GET shows hidden directives by their exact name only", () => {
  const config = new Config();
  assertEquals(config.getPattern(["key-load-*"]), []);
  assertEquals(config.getPattern(["key-load-delay"]), [
    ["key-load-delay", "0"],
  ]);
});

Deno.test("CONFIG SET refuses names and combinations with Redis's words", () => {
  const config = new Config();
  const cases: [pairs: string[], error: string][] = [
    [["port"], "ERR syntax error"],
    [
      ["port", "1", "Bogus", "1"],
      "ERR Unknown option or number of arguments for CONFIG SET - 'Bogus'",
    ],
    [["Databases", "1"], `${FAILED} 'Databases') - can't set immutable config`],
    [["slaveof", "a 1"], `${FAILED} 'slaveof') - can't set immutable config`],
    [["dir", "/"], `${FAILED} 'dir') - can't set protected config`],
    [
      ["maxmemory", "1", "MAXMEMORY", "2"],
      `${FAILED} 'MAXMEMORY') - duplicate parameter`,
    ],
    [
      ["maxmemory", "1", "maxmemory-clients", "200%", "hz", "x"],
      `${FAILED} 'maxmemory-clients') - percentage argument must be less or ` +
      "equal to 100",
    ],
    [
      ["SLAVE-priority", "x"],
      `${FAILED} 'slave-priority') - argument couldn't be parsed into an ` +
      "integer",
    ],
  ];
  for (const [pairs, error] of cases) {
    assertEquals(config.set(pairs), error, pairs.join(" "));
  }
  assertEquals(config.get("maxmemory"), 0);
});

Deno.test("CONFIG SET refuses values with Redis's words", () => {
  const config = Config.from({ "enable-protected-configs": "yes" });
  const cases: [name: DirectiveName, value: string, reason: string][] = [
    ["appendonly", "maybe", "argument must be 'yes' or 'no'"],
    ["hz", "1.5", "argument couldn't be parsed into an integer"],
    ["hz", "-1", "argument must be between 0 and 2147483647 inclusive"],
    [
      "slowlog-max-len",
      "9223372036854775808",
      "argument couldn't be parsed into an integer",
    ],
    ["maxclients", "0", "argument must be between 1 and 4294967295 inclusive"],
    ["maxmemory", "-1", "argument must be a memory value"],
    [
      "proto-max-bulk-len",
      "1",
      "argument must be between 1048576 and 9223372036854775807 inclusive",
    ],
    ["maxmemory-clients", "x", "argument must be a memory or percent value"],
    [
      "appendfsync",
      "often",
      "argument(s) must be one of the following: everysec, always, no",
    ],
    [
      "shutdown-on-sigint",
      "",
      "argument(s) must be one of the following: default, save, nosave, now, " +
      "force",
    ],
    [
      "shutdown-on-sigint",
      "save nosave",
      "shutdown options SAVE and NOSAVE can't be used simultaneously",
    ],
    ["save", "60", "Invalid save parameters"],
    ["save", "0 1", "Invalid save parameters"],
    [
      "client-output-buffer-limit",
      "normal 1 1",
      "Wrong number of arguments in buffer limit configuration.",
    ],
    [
      "client-output-buffer-limit",
      "master 1 1 1",
      "Invalid client class specified in buffer limit configuration.",
    ],
    [
      "client-output-buffer-limit",
      "normal x 1 1",
      "Error in hard, soft or soft_seconds setting in buffer limit " +
      "configuration.",
    ],
    [
      "notify-keyspace-events",
      "q",
      "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
    ],
    [
      "bind",
      Array(17).fill("a").join(" "),
      "Too many bind addresses specified.",
    ],
    [
      "latency-tracking-info-percentiles",
      "x",
      "Invalid latency-tracking-info-percentiles parameters",
    ],
    [
      "latency-tracking-info-percentiles",
      "101",
      "latency-tracking-info-percentiles parameters should sit between " +
      "[0.0,100.0]",
    ],
    ["oom-score-adj-values", "1 2", "wrong number of arguments"],
    [
      "oom-score-adj-values",
      "1 2 2001",
      "Invalid oom-score-adj-values, elements must be between -2000 and 2000.",
    ],
    ["dbfilename", "a/b", "dbfilename can't be a path, just a filename"],
    [
      "proc-title-template",
      "{nope}",
      "template format is invalid or contains unknown variables",
    ],
    [
      "cluster-announce-hostname",
      "a_b",
      "Hostnames may only contain alphanumeric characters, hyphens or dots",
    ],
    [
      "cluster-announce-hostname",
      "a".repeat(256),
      "Hostnames must be less than 256 characters",
    ],
    [
      "cluster-announce-human-nodename",
      "a!b",
      "Announced human node name contained invalid character",
    ],
  ];
  for (const [name, value, reason] of cases) {
    const error = `${FAILED} '${name}') - ${reason}`;
    assertEquals(config.set([name, value]), error);
  }
});

Deno.test("CONFIG SET takes the number forms that Redis takes", () => {
  const config = new Config();
  const cases: [name: DirectiveName, value: string, text: string][] = [
    ["maxmemory", "1k", "1000"],
    ["maxmemory", "1Kb", "1024"],
    ["maxmemory", "2m", "2000000"],
    ["maxmemory", "2MB", "2097152"],
    ["maxmemory", "3g", "3000000000"],
    ["maxmemory", "3gB", "3221225472"],
    ["maxmemory", "7b", "7"],
    ["maxmemory", "", "0"],
    ["maxmemory", "18446744073709551615", "18446744073709551615"],
    ["maxmemory", "99999999999999999999", "18446744073709551615"],
    ["slowlog-max-len", "9223372036854775807", "9223372036854775807"],
    ["hz", "0", "1"],
    ["hz", "1000", "500"],
    ["repl-backlog-size", "1", "16384"],
    ["maxmemory-clients", "0%", "0"],
    ["maxmemory-clients", "100%", "100%"],
    ["maxmemory-clients", "2mb", "2097152"],
    ["save", "60 ", "60 0"],
    ["latency-tracking-info-percentiles", "50 99.90 1e1", "50 99.9 10"],
    ["notify-keyspace-events", "tKng$", "g$tnK"],
    ["notify-keyspace-events", "nA", "A"],
    ["appendfsync", "ALWAYS", "always"],
    ["shutdown-on-sigterm", "now NOSAVE default", "nosave now"],
    [
      "client-output-buffer-limit",
      "replica 1mb 2k 3 normal 4 5 6",
      "normal 4 5 6 slave 1048576 2000 3 pubsub 33554432 8388608 60",
    ],
    ["bind", "", ""],
  ];
  for (const [name, value, text] of cases) {
    assertEquals(config.set([name, value]), undefined, `${name} ${value}`);
    assertEquals(config.getText(name), text, `${name} ${value}`);
  }
});

Deno.test("CONFIG SET changes everything that it names or nothing", () => {
  const config = new Config();
  assertEquals(config.set(["maxmemory", "5", "save", "3000 5"]), undefined);
  assert(
    config.set(["maxmemory", "6", "save", "1 1", "hz", "x"]) !== undefined,
  );
  assertEquals(config.get("maxmemory"), 5);
  assertEquals(config.getText("save"), "3000 5");
});

Deno.test("a name beside its alias passes and the last one wins", () => {
  const config = new Config();
  const pairs = ["replica-priority", "1", "slave-priority", "2"];
  assertEquals(config.set(pairs), undefined);
  assertEquals(config.get("replica-priority"), 2);
});

Deno.test("protected directives open for everybody or for the same machine", () => {
  const pairs = ["dbfilename", "x.rdb"];
  const refused = `${FAILED} 'dbfilename') - can't set protected config`;
  const local = Config.from({ "enable-protected-configs": "local" });
  assertEquals(local.set(pairs), refused);
  assertEquals(local.set(pairs, { isLocal: true }), undefined);
  const no = new Config();
  assertEquals(no.set(pairs, { isLocal: true }), refused);
  const yes = Config.from({ "enable-protected-configs": "yes" });
  assertEquals(yes.set(pairs), undefined);
});

Deno.test("while loading, some directives answer that the server is loading", () => {
  const config = new Config();
  assertEquals(
    config.set(["appendonly", "yes"], { isLoading: true }),
    "LOADING Redis is loading the dataset in memory",
  );
  assertEquals(config.set(["maxmemory", "1"], { isLoading: true }), undefined);
});

Deno.test("a listener hears once of what changed, and of nothing else", () => {
  const config = new Config();
  const heard: string[] = [];
  config.onChange(["port", "bind"], (changed) => {
    heard.push([...changed].join(" "));
    return undefined;
  });
  config.set(["timeout", "1"]);
  config.set(["port", "6379"]);
  assertEquals(heard, []);
  config.set(["timeout", "2", "port", "1", "bind", "::1"]);
  assertEquals(heard, ["timeout port bind"]);
});

Deno.test("setting a certificate to the same path is a change", () => {
  const config = Config.from({ "tls-cert-file": "a.pem" });
  let heard = 0;
  config.onChange(["tls-cert-file"], () => {
    heard += 1;
    return undefined;
  });
  config.set(["tls-cert-file", "a.pem"]);
  assertEquals(heard, 1);
});

Deno.test("a listener that refuses takes everything back", () => {
  const config = new Config();
  const applied: [string, number][] = [];
  config.onChange(["maxmemory"], () => {
    applied.push(["maxmemory", config.get("maxmemory")]);
    return undefined;
  });
  config.onChange(["port"], () => {
    applied.push(["port", config.get("port")]);
    return config.get("port") === 1 ? "Unable to listen." : undefined;
  });
  config.onChange(["timeout"], () => {
    applied.push(["timeout", config.get("timeout")]);
    return undefined;
  });
  assertEquals(
    config.set(["maxmemory", "9", "port", "1", "timeout", "3"]),
    `${FAILED} 'port') - Unable to listen.`,
  );
  assertEquals(applied, [
    ["maxmemory", 9],
    ["port", 1],
    ["maxmemory", 0],
    ["port", 6379],
  ]);
  assertEquals(config.get("timeout"), 0);
});

Deno.test("directives that differ from their default in vain are warned of", () => {
  const config = Config.from({
    "io-threads": 4,
    daemonize: false,
    timeout: 20,
  });
  assertEquals(config.warnings(), [
    "io-threads is accepted but has no effect: the server runs in one thread " +
    "and Deno reads for it",
  ]);
});

Deno.test("dir changes from where it is, and other paths are seen from it", () => {
  const config = Config.from(
    { "enable-protected-configs": "yes" },
    { workingDirectory: "/var/lib" },
  );
  assertEquals(config.get("dir"), "/var/lib");
  assertEquals(config.set(["dir", "./keysaur/"]), undefined);
  assertEquals(config.get("dir"), "/var/lib/keysaur");
  assertEquals(config.set(["dir", ".."]), undefined);
  assertEquals(config.pathInDir("a/b.conf"), "/var/lib/a/b.conf");
  assertEquals(config.pathInDir("/a/b.conf"), "/a/b.conf");
  assertEquals(config.set(["dir", "/"]), undefined);
  assertEquals(config.get("dir"), "/");
  assertEquals(
    config.set(["dir", ""]),
    `${FAILED} 'dir') - No such file or directory`,
  );
});
