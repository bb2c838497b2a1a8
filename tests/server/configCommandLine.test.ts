import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  parseCommandLine,
  type StartPlan,
} from "../../src/server/config/commandLine.ts";
import { StartError } from "../../src/server/config/errors.ts";
import type { ConfigSources } from "../../src/server/config/parse.ts";

const FILE = "hz 20\nsave 900 1\nloglevel debug\n";
const STANDARD_INPUT = "hz 30\nmaxclients 77\n";

const sources: ConfigSources = {
  readTextFile(path) {
    if (path !== "/etc/k.conf") throw new Deno.errors.NotFound(path);
    return FILE;
  },
  listDirectory: () => [],
  checkDirectory() {},
  readStandardInput: () => STANDARD_INPUT,
};

function started(...args: string[]): StartPlan {
  const result = parseCommandLine(args, sources, "/etc");
  assert(result.kind === "start");
  return result;
}

/** The values of CONFIG GET after a start with these arguments. */
function shown(args: string[], ...names: string[]): string[] {
  return started(...args).config.getPattern(names).map(([, text]) => text);
}

/** The last two lines of the error: the line, and what is wrong with it. */
function refusal(...args: string[]): string[] {
  const error = assertThrows(() => started(...args), StartError);
  return error.message.split("\n").slice(-2);
}

Deno.test("version and help are asked for by the first argument only", () => {
  for (const arg of ["-v", "--version"]) {
    assertEquals(parseCommandLine([arg, "x"], sources), { kind: "version" });
  }
  for (const arg of ["-h", "--help"]) {
    assertEquals(parseCommandLine([arg], sources), { kind: "help" });
  }
  assertEquals(refusal("--hz", "5", "--version")[1], BAD);
});

const BAD = "Bad directive or wrong number of arguments";

Deno.test("without arguments the defaults start, without a file", () => {
  const plan = started();
  assertEquals(plan.configFile, undefined);
  assertEquals(plan.config.get("port"), 6379);
  assertEquals(plan.config.get("dir"), "/etc");
  assertEquals(plan.warnings, []);
});

Deno.test("the file comes first and is named by its absolute path", () => {
  const plan = started("k.conf");
  assertEquals(plan.configFile, "/etc/k.conf");
  assertEquals(plan.config.configFile, "/etc/k.conf");
  assertEquals(plan.config.get("hz"), 20);
  assertEquals(refusal("none.conf"), [
    "*** FATAL CONFIG FILE ERROR (Keysaur) ***",
    "Fatal error, can't open config file '/etc/none.conf': No such file or " +
    "directory",
  ]);
});

Deno.test("options override the file, and several arguments belong to one", () => {
  assertEquals(shown(["k.conf", "--hz", "40", "--port", "0"], "hz", "port"), [
    "40",
    "0",
  ]);
  assertEquals(shown(["--bind", "a", "b", "--HZ", "5"], "bind", "hz"), [
    "a b",
    "5",
  ]);
});

Deno.test("save on the command line adds to the file, empty or alone resets", () => {
  const save = (...args: string[]) => shown(["k.conf", ...args], "save");
  assertEquals(save("--save", "100", "100"), ["900 1 100 100"]);
  assertEquals(save("--save", "100 100 7 7"), ["900 1 100 100 7 7"]);
  assertEquals(save("--save", ""), [""]);
  assertEquals(save("--save"), [""]);
  assertEquals(save("--save", "--hz", "5"), [""]);
  assertEquals(save("--hz", "5", "--save"), [""]);
});

Deno.test("a single dash as first or last argument reads standard input", () => {
  assertEquals(shown(["-"], "hz", "maxclients"), ["30", "77"]);
  assertEquals(shown(["k.conf", "-"], "hz", "loglevel"), ["30", "debug"]);
  assertEquals(shown(["k.conf", "--hz", "40", "-"], "hz", "maxclients"), [
    "40",
    "77",
  ]);
  assertEquals(shown(["-", "--hz", "40"], "hz", "maxclients"), ["40", "77"]);
  assertEquals(refusal("k.conf", "-", "--hz", "40"), [`>>> '"-"'`, BAD]);
});

Deno.test("a value may begin with dashes, and a name may hold its value", () => {
  const names = ["proc-title-template", "loglevel"];
  assertEquals(
    shown(["--proc-title-template", "--a--b", "--loglevel", "debug"], ...names),
    ["--a--b", "debug"],
  );
  assertEquals(
    shown(["--proc-title-template --a--b", "--loglevel 'debug'"], ...names),
    ["--a--b", "debug"],
  );
  assertEquals(
    shown(["--proc-title-template", "--save", "--save", ""], ...names, "save"),
    ["--save", "notice", ""],
  );
  assertEquals(refusal("--port", "-1"), [
    `>>> 'port "-1"'`,
    "argument must be between 0 and 65535 inclusive",
  ]);
});

Deno.test("bad options are refused like bad lines", () => {
  const cases: [args: string[], line: string, reason: string][] = [
    [["--invalid"], "invalid", BAD],
    [["--port"], "port", "wrong number of arguments"],
    [
      ["--port", "1", "2"],
      'port "1" "2"',
      "wrong number of arguments",
    ],
    [
      ["--port", "--loglevel", "verbose"],
      'port "--loglevel" "verbose"',
      "wrong number of arguments",
    ],
    [
      ["--port", "--bla", "--loglevel", "verbose"],
      'port "--bla"',
      "argument couldn't be parsed into an integer",
    ],
    [
      ["--shutdown-on-sigint", "now force", "--shutdown-on-sigterm"],
      "shutdown-on-sigterm",
      "argument(s) must be one of the following: default, save, nosave, now, " +
      "force",
    ],
    [
      ["--replicaof", "--127.0.0.1", "--abc"],
      'replicaof "--127.0.0.1"',
      "wrong number of arguments",
    ],
    [["--sentinel"], "sentinel", BAD],
    [["-x"], '"-x"', BAD],
  ];
  for (const [args, line, reason] of cases) {
    assertEquals(refusal(...args), [`>>> '${line}'`, reason]);
  }
});

Deno.test("an error names the source that the line came from", () => {
  const error = assertThrows(() => started("--hz", "x"), StartError);
  assert(error.message.includes("at line 1 of the command line options\n"));
});

Deno.test("what Deno cannot test is refused in so many words", () => {
  for (const arg of ["--test-memory", "--check-system"]) {
    const error = assertThrows(() => started(arg, "1"), StartError);
    assert(error.message.startsWith(`${arg} is not supported: `));
  }
});

Deno.test("the plan says what has no effect and what was adapted", () => {
  const { warnings } = started(
    "--daemonize",
    "yes",
    "--cluster-enabled",
    "yes",
  );
  assertEquals(warnings, [
    "Changing databases number from 16 to 1 since we are in cluster mode",
    "daemonize is accepted but has no effect: a Deno program cannot detach " +
    "itself, start it in the background",
  ]);
});
