/** What becomes of connections when users change, and who is let in. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Client, connect, type Word } from "../support/client.ts";
import { embed, until } from "../server/embedded.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** A reply, or an error as its text. */
async function say(client: Client, line: string, ...words: Word[]) {
  try {
    return await client.call(...line.split(" "), ...words);
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("who is deleted is thrown out, the one who did it after his reply", async () => {
  await using server = await embed();
  using admin = await connect(server.port);
  using other = await connect(server.port);
  using own = await connect(server.port);
  await say(admin, "ACL SETUSER u on nopass +@all ~*");
  for (const client of [other, own]) await say(client, "AUTH u x");
  assertEquals(await say(own, "ACL DELUSER u nobody"), 1);
  await own.ended();
  await other.ended();
  assertEquals(await say(admin, "ACL WHOAMI"), "default");
});

Deno.test("ACL LOAD takes a good file as a whole and a bad one not at all", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/users.acl`;
  await Deno.writeTextFile(path, "user alice on nopass +@all ~*\n\n");
  await using server = await embed({ dir, aclfile: "users.acl" });
  using admin = await connect(server.port);
  using alice = await connect(server.port);
  assertEquals(await say(alice, "AUTH alice x"), "OK");
  const before = await say(admin, "ACL LIST");
  await Deno.writeTextFile(
    path,
    "user alice on +nope nonsense <x\nuser alice on\nbob on\nuser c\td on\n" +
      "user d (~x\nuser\n",
  );
  assertEquals(
    await say(admin, "ACL LOAD"),
    "ERR users.acl:1: Error in applying operation '+nope': Unknown command or " +
      "category name in ACL. users.acl:1: Syntax error. WARNING: Duplicate " +
      "user 'alice' found on line 2. users.acl:3 should start with user " +
      "keyword followed by the username. 'users.acl:4: username 'c\td' " +
      "contains invalid characters. users.acl:5: Unmatched parenthesis in " +
      "selector definition.users.acl:6 should start with user keyword " +
      "followed by the username. WARNING: ACL errors detected, no change to " +
      "the previously active ACL rules was performed",
  );
  assertEquals(await say(admin, "ACL LIST"), before);
  assertEquals(await say(alice, "PING"), "PONG");
  await Deno.remove(path);
  assertEquals(
    await say(admin, "ACL LOAD"),
    "ERR Error loading ACLs, opening file 'users.acl': No such file or directory",
  );
  assertEquals(await say(admin, "ACL LIST"), before);
  // A good one turns out all but the default user, whoever they are now.
  await say(admin, "ACL SETUSER bob on >pass ~a* (%R~b +get)");
  assertEquals(await say(admin, "ACL SAVE"), "OK");
  const saved = await say(admin, "ACL LIST");
  await say(admin, "ACL SETUSER bob off");
  await say(admin, "ACL SETUSER eve on nopass");
  assertEquals(await say(admin, "ACL LOAD"), "OK");
  assertEquals(await say(admin, "ACL LIST"), saved);
  await alice.ended();
  assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), [
    "users.acl",
  ]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a file without a default user leaves him as he was born", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/users.acl`, "user alice on nopass +@all\n");
  await using server = await embed({ dir, aclfile: "users.acl" });
  using client = await connect(server.port);
  await say(client, "ACL SETUSER default -debug >secret");
  assertEquals(await say(client, "ACL LOAD"), "OK");
  assertMatch(
    String(await say(client, "ACL LIST")),
    /user default on nopass sanitize-payload ~\* &\* \+@all$/,
  );
  // What cannot be written is said, and the file stays.
  await Deno.remove(dir, { recursive: true });
  assertMatch(String(await say(client, "ACL SAVE")), /^ERR There was an error/);
});

Deno.test("whoever waits for keys is asked again when they come", async () => {
  await using server = await embed();
  using admin = await connect(server.port);
  using user = await connect(server.port);
  await say(admin, "ACL SETUSER u on nopass +@all ~list");
  await say(user, "AUTH u x");
  const waiting = say(user, "BLPOP list 0");
  const { blocking } = server.server.dispatcher;
  await until("it waits", () => blocking.count === 1);
  await say(admin, "ACL SETUSER u resetkeys ~other");
  assertEquals(await say(admin, "LPUSH list x"), 1);
  assertEquals(await waiting, "NOPERM No permissions to access a key");
  assertEquals(await say(admin, "LLEN list"), 1);
  assertEquals(await say(user, "PING"), "PONG");
});

Deno.test("INFO counts what was refused until the counters are reset", async () => {
  await using server = await embed();
  using client = await connect(server.port);
  await say(client, "ACL SETUSER u on nopass +get ~a +publish");
  await say(client, "AUTH u wrong");
  using user = await connect(server.port);
  await say(user, "AUTH nobody x");
  await say(user, "AUTH u x");
  for (const line of ["SET a b", "GET b", "GET c", "PUBLISH c m"]) {
    assertMatch(String(await say(user, line)), /^NOPERM/);
  }
  using admin = await connect(server.port);
  const counts = async () =>
    String(await say(admin, "INFO stats")).match(/acl_access_denied_\w+:\d+/g);
  assertEquals(await counts(), [
    "acl_access_denied_auth:1",
    "acl_access_denied_cmd:1",
    "acl_access_denied_key:2",
    "acl_access_denied_channel:1",
  ]);
  await say(admin, "CONFIG RESETSTAT");
  assertEquals((await counts())?.every((line) => line.endsWith(":0")), true);
  assertMatch(String(await say(admin, "CLIENT LIST")), / user=u /);
  await say(admin, "CLIENT KILL USER u");
  await user.ended();
});

Deno.test("the log keeps no more than acllog-max-len, like things together", async () => {
  await using server = await embed({ "acllog-max-len": 3 });
  using admin = await connect(server.port);
  using user = await connect(server.port);
  await say(admin, "ACL SETUSER u on nopass +get");
  await say(user, "AUTH u x");
  const objects = async () => {
    const log = await admin.call("ACL", "LOG") as string[][];
    return log.map((entry) => [entry[1], entry[7]]);
  };
  for (const key of ["a", "b", "a", "a"]) await say(user, `GET ${key}`);
  assertEquals(await objects(), [[3, "a"], [1, "b"]] as unknown);
  for (const key of ["c", "d", "e"]) await say(user, `GET ${key}`);
  assertEquals(await objects(), [[1, "e"], [1, "d"], [1, "c"]] as unknown);
  // Of a long key the log keeps the beginning.
  await user.raw("GET", "x".repeat(100_000));
  assertEquals((await objects())[0][1], "x".repeat(4096));
  await say(admin, "CONFIG SET acllog-max-len 0");
  await say(user, "GET new");
  assertEquals(await objects(), []);
  assertEquals(await say(admin, "ACL LOG RESET"), "OK");
});

Deno.test("CONFIG REWRITE writes the users, and the next start finds them", async () => {
  const dir = await Deno.makeTempDir();
  const file = `${dir}/server.conf`;
  const text = "save ''\nuser alice on +@all (~a\n+get)\n";
  await Deno.writeTextFile(file, text.replace("\n+get", " +get"));
  const { parseCommandLine } = await import(
    "../../src/server/config/commandLine.ts"
  );
  const { Server } = await import("../../src/server/server.ts");
  const { Log } = await import("../../src/server/log.ts");
  const load = () => {
    const plan = parseCommandLine([file], {
      readTextFile: Deno.readTextFileSync,
      listDirectory: () => [],
      checkDirectory: () => {},
      readStandardInput: () => "",
    }, dir);
    assert(plan.kind === "start");
    return new Server(plan.config, { log: new Log(() => {}) });
  };
  const one = load();
  assertEquals(one.access.names(), ["alice", "default"]);
  one.access.change("bob", [">\xff\x00pass", "~k\xfc*", "%R~x", "&c", "+get"]);
  one.access.change("bob", ['~"quoted"', "~it's", "(%R~\xff +set ~b)"]);
  one.access.remove("alice");
  assertEquals(one.config.rewrite(), undefined);
  const other = load();
  assertEquals(other.access.lines(), one.access.lines());
  await Deno.remove(dir, { recursive: true });
});
