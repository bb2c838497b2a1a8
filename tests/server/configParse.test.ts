import { assertEquals, assertThrows } from "@std/assert";
import { Config } from "../../src/server/config/config.ts";
import { StartError } from "../../src/server/config/errors.ts";
import {
  ConfigLoader,
  type ConfigSources,
} from "../../src/server/config/parse.ts";

/** Files that are there only for the test; every path above one is there. */
function sourcesOf(files: Record<string, string>): ConfigSources {
  return {
    readTextFile(path) {
      if (files[path] === undefined) throw new Deno.errors.NotFound(path);
      return files[path];
    },
    listDirectory: (directory) =>
      Object.keys(files)
        .filter((path) => path.startsWith(directory))
        .map((path) => path.slice(directory.length).replace(/^\//, "")),
    checkDirectory(path) {
      const isThere = Object.keys(files).some((each) => each.startsWith(path));
      if (!isThere) throw new Deno.errors.NotFound(path);
    },
    readStandardInput: () => "",
  };
}

function loaded(files: Record<string, string>, path = "/etc/k.conf"): Config {
  const config = new Config({ workingDirectory: "/etc" });
  const loader = new ConfigLoader(config, sourcesOf(files));
  loader.loadFile(path);
  loader.finish();
  return config;
}

function errorOf(files: Record<string, string>, path?: string): string {
  return assertThrows(() => loaded(files, path), StartError).message;
}

Deno.test("a file sets directives, in any case, around comments and blanks", () => {
  const config = loaded({
    "/etc/k.conf": [
      "# comment",
      "",
      "  PORT 7000 \r",
      "\t# another",
      'requirepass "a\\x41 b"',
      "slave-priority 7",
      "maxmemory 1GB",
      "loglevel Verbose",
      "unixsocketperm 700",
      "hz 20",
      "hz 30",
    ].join("\n"),
  });
  assertEquals(config.get("port"), 7000);
  assertEquals(config.get("requirepass"), "aA b");
  assertEquals(config.get("replica-priority"), 7);
  assertEquals(config.get("maxmemory"), 1073741824);
  assertEquals(config.get("loglevel"), "verbose");
  assertEquals(config.get("unixsocketperm"), 0o700);
  assertEquals(config.getText("unixsocketperm"), "700");
  assertEquals(config.get("hz"), 30);
});

Deno.test("save lines add up, the first replaces the default, empty resets", () => {
  const save = (text: string) =>
    loaded({ "/etc/k.conf": text }).getText("save");
  assertEquals(save("save 900 1"), "900 1");
  assertEquals(save("save 900 1\nsave 300 10"), "900 1 300 10");
  assertEquals(save('save "900 1 300 10"'), "900 1 300 10");
  assertEquals(save('save ""'), "");
  assertEquals(save('save 900 1\nsave ""\nsave 5 5'), "5 5");
});

Deno.test("output buffer limits of several lines add up", () => {
  const config = loaded({
    "/etc/k.conf": "client-output-buffer-limit replica 1mb 2mb 3\n" +
      "client-output-buffer-limit normal 1 2 3 PUBSUB 4 5 6\n",
  });
  assertEquals(
    config.getText("client-output-buffer-limit"),
    "normal 1 2 3 slave 1048576 2097152 3 pubsub 4 5 6",
  );
});

Deno.test("statements are kept with their place for those whom they concern", () => {
  const config = loaded({
    "/etc/k.conf": "user bob on >secret ~*\nrename-command DEBUG ''\n" +
      "loadmodule /x.so a b\nuser alice off",
  });
  const args = (key: keyof Config["statements"]) =>
    config.statements[key].map((statement) => statement.args);
  assertEquals(args("user"), [["bob", "on", ">secret", "~*"], [
    "alice",
    "off",
  ]]);
  assertEquals(args("renameCommand"), [["DEBUG", ""]]);
  assertEquals(args("loadModule"), [["/x.so", "a", "b"]]);
  assertEquals(config.statements.user[1].place, {
    source: "/etc/k.conf",
    lineNumber: 4,
    line: "user alice off",
  });
});

Deno.test("an included file is read at its line and seen from dir", () => {
  const config = loaded({
    "/etc/k.conf": "hz 1\ninclude a.conf\nhz 3\ndir /var\ninclude b.conf",
    "/etc/a.conf": "hz 2\ntimeout 5",
    "/var/b.conf": "maxclients 7",
  });
  assertEquals(config.get("hz"), 3);
  assertEquals(config.get("timeout"), 5);
  assertEquals(config.get("maxclients"), 7);
});

Deno.test("an include with wildcards reads what there is, in order", () => {
  const config = loaded({
    "/etc/k.conf": "include conf.d/*.conf\ninclude none/*.conf",
    "/etc/conf.d/2.conf": "hz 2",
    "/etc/conf.d/1.conf": "hz 1\ntimeout 1",
    "/etc/conf.d/3.txt": "hz 3",
  });
  assertEquals(config.get("hz"), 2);
  assertEquals(config.get("timeout"), 1);
});

Deno.test("directives of old versions are passed over", () => {
  loaded({
    "/etc/k.conf": "lua-replicate-commands yes\nlist-max-ziplist-value 1",
  });
});

Deno.test("a bad line stops the start and is named with file, line and reason", () => {
  assertEquals(
    errorOf({ "/etc/k.conf": "port 1\n\n  bogus  yes " }),
    "\n*** FATAL CONFIG FILE ERROR (Keysaur) ***\n" +
      "Reading the configuration file, at line 3 of /etc/k.conf\n" +
      ">>> 'bogus  yes'\n" +
      "Bad directive or wrong number of arguments",
  );
  assertEquals(
    errorOf({ "/etc/k.conf": "include a.conf", "/etc/a.conf": "\nhz x" }),
    "\n*** FATAL CONFIG FILE ERROR (Keysaur) ***\n" +
      "Reading the configuration file, at line 2 of /etc/a.conf\n" +
      ">>> 'hz x'\n" +
      "argument couldn't be parsed into an integer",
  );
});

Deno.test("each bad line has Redis's reason", () => {
  const cases: [line: string, reason: string][] = [
    ['requirepass "abc', "Unbalanced quotes in configuration line"],
    ["hz", "wrong number of arguments"],
    ["hz 10 20", "wrong number of arguments"],
    ["replicaof a", "wrong number of arguments"],
    ["replicaof a 70000", "Invalid master port"],
    ["save 1", "Invalid save parameters"],
    ["include a b", "Bad directive or wrong number of arguments"],
    ["rename-command a", "Bad directive or wrong number of arguments"],
    ["user", "Bad directive or wrong number of arguments"],
    [
      "lua-replicate-commands a b",
      "Bad directive or wrong number of arguments",
    ],
    ["sentinel", "Bad directive or wrong number of arguments"],
    ["sentinel myid x", "sentinel directive while not in sentinel mode"],
    ["module.x", "Module config specified without value"],
    [
      "module.x 1",
      "Module Configuration detected without loadmodule directive or no " +
      "ApplyConfig call: aborting",
    ],
    ["dir /nowhere", "No such file or directory"],
    [
      "include none.conf",
      "Fatal error, can't open config file '/etc/none.conf': No such file or " +
      "directory",
    ],
    ["unixsocketperm 8", "argument couldn't be parsed as an octal number"],
    ["unixsocketperm 1000", "argument must be between 0 and 777 inclusive"],
    ["appendfilename ''", "appendfilename can't be empty"],
    ["appendfilename a/b", "appendfilename can't be a path, just a filename"],
    ["appenddirname ''", "appenddirname can't be empty"],
    ["appenddirname a/b", "appenddirname can't be a path, just a dirname"],
  ];
  for (const [line, reason] of cases) {
    const message = errorOf({ "/etc/k.conf": line });
    assertEquals(message.split("\n").slice(3), [`>>> '${line}'`, reason]);
  }
});

Deno.test("a missing file is named without a line", () => {
  assertEquals(
    errorOf({}),
    "\n*** FATAL CONFIG FILE ERROR (Keysaur) ***\n" +
      "Fatal error, can't open config file '/etc/k.conf': No such file or " +
      "directory",
  );
});

Deno.test("a file that includes itself is refused", () => {
  const message = errorOf({ "/etc/k.conf": "include k.conf" });
  assertEquals(
    message.split("\n").at(-1),
    "Include files are nested too deeply",
  );
});

Deno.test("a cluster node has no master and one database", () => {
  assertEquals(
    errorOf({ "/etc/k.conf": "cluster-enabled yes\nreplicaof a 1" }),
    "\n*** FATAL CONFIG FILE ERROR (Keysaur) ***\n" +
      "replicaof directive not allowed in cluster mode",
  );
  const config = loaded({ "/etc/k.conf": "cluster-enabled yes" });
  assertEquals(config.get("databases"), 1);
});
