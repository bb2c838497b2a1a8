/**
 * The engine's batch loop executes what users may do by itself. Nobody may be
 * able to tell: it allows just what the rules do.
 */
import { assert, assertEquals } from "@std/assert";
import { encodeCommands } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { Bench, type BenchClient, bytesOf } from "../dispatch/harness.ts";

const SEED = 20261121;

function login(bench: Bench, user: string): BenchClient {
  const client = bench.connect();
  assertEquals(client.call("AUTH", user, "x"), "+OK\r\n");
  return client;
}

/** How many commands the engine has executed by itself. */
function hotCount(bench: Bench, name: string): number {
  const { statistics } = bench.server.dispatcher;
  const before = new Map(
    [...statistics.uses].map(([command, use]) => [command.fullName, use.calls]),
  );
  return before.get(name) ?? 0;
}

const PATTERNS = [
  "a*",
  "ab",
  "a",
  "*",
  "b?",
  "[ab]c",
  "a*c",
  "",
  "\\a*",
  "ac*",
];
const KEYS = [
  "",
  "a",
  "b",
  "c",
  "ab",
  "bc",
  "ac",
  "abc",
  "acc",
  "abcabcabcabc",
];
const COMMANDS = [
  "get",
  "set",
  "mset",
  "incr",
  "pfcount",
  "pfadd",
  "lpush",
  "hget",
  "spop",
  "ping",
];

function randomRights(random: Random): string[] {
  const rights: string[] = [];
  for (let count = random.int(4); count > 0; count--) {
    const mark = random.pick(["~", "%R~", "%W~", "%RW~"]);
    rights.push(mark + random.pick(PATTERNS));
  }
  for (let count = 1 + random.int(6); count > 0; count--) {
    rights.push(`+${random.pick(COMMANDS)}`);
  }
  if (random.chance(0.1)) rights.push("+@all", "-@dangerous");
  if (random.chance(0.1)) rights.push("resetkeys", "~*");
  return rights;
}

function randomCommand(random: Random): string[] {
  const name = random.pick(COMMANDS);
  const key = () => random.pick(KEYS);
  switch (name) {
    case "ping":
      return [name];
    case "mset": {
      const pairs = Array.from(
        { length: 1 + random.int(3) },
        () => [key(), "1"],
      );
      return [name, ...pairs.flat()];
    }
    case "pfadd":
      return [name, key(), ...["x", "y", "z", "u"].slice(random.int(4))];
    case "pfcount":
      return [name, key(), ...random.chance(0.3) ? [key()] : []];
    case "set":
      return [name, key(), "1", ...random.chance(0.2) ? ["GET"] : []];
    case "lpush":
    case "hget":
      return [name, key(), "x"];
    default:
      return [name, key()];
  }
}

Deno.test("a pipeline is refused what DRYRUN says, and nothing else", () => {
  const bench = new Bench();
  const admin = bench.connect();
  let allowedCount = 0, refusedCount = 0;
  for (let seed = SEED; seed < SEED + 200; seed++) {
    const random = new Random(seed);
    const rules = [...randomRights(random)];
    while (random.chance(0.3)) {
      rules.push(`(${randomRights(random).join(" ")})`);
    }
    const set = ["ACL", "SETUSER", "u", "reset", "on", "nopass"];
    admin.call("FLUSHALL");
    // Some rules contradict each other; then the user may nothing.
    admin.call(...set);
    admin.call(...set, ...rules);
    const user = login(bench, "u");
    const commands = Array.from({ length: 30 }, () => randomCommand(random));
    const expected = commands.map((words) =>
      admin.call("ACL", "DRYRUN", "u", ...words) !== "+OK\r\n"
    );
    const replies = repliesOf(user.send(encodeCommands(commands)));
    assertEquals(replies.length, commands.length);
    commands.forEach((words, i) => {
      const isRefused = replies[i].startsWith("-NOPERM");
      const hint = `seed ${seed} ${rules.join(" ")}: ${words.join(" ")}`;
      assertEquals(isRefused, expected[i], hint);
      if (isRefused) refusedCount++;
      else allowedCount++;
    });
    user.leave();
  }
  assert(allowedCount > 1000 && refusedCount > 1000);
  bench.verify();
});

/** The replies of a pipeline, bulk strings with their bytes. */
function repliesOf(text: string): string[] {
  return text.match(/\$\d+\r\n[^\r]*\r\n|[^\r]*\r\n/g) ?? [];
}

Deno.test("what is clearly allowed does not leave the engine", () => {
  const bench = new Bench();
  const admin = bench.connect();
  admin.call("ACL", "SETUSER", "u", "on", "nopass", "%R~x:*", "~y:*", "+@all");
  const user = login(bench, "u");
  user.send(encodeCommands([["GET", "x:1"], ["SET", "y:1", "v"]]));
  assert(user.session.isHot);
  user.call("GET", "z");
  assert(!user.session.isHot);
  user.send(encodeCommands([["GET", "y:1"], ["SET", "x:1", "v"]]));
  assert(!user.session.isHot);
  assertEquals(hotCount(bench, "get"), 2);
});

Deno.test("keys of one command are not allowed by several selectors", () => {
  const bench = new Bench();
  const admin = bench.connect();
  admin.call("ACL", "SETUSER", "u", "on", "nopass", "(+mset ~a)", "(+mset ~b)");
  const user = login(bench, "u");
  const no = "-NOPERM No permissions to access a key\r\n";
  assertEquals(user.call("MSET", "a", "1", "a", "2"), "+OK\r\n");
  assertEquals(user.call("MSET", "b", "1"), "+OK\r\n");
  assertEquals(user.call("MSET", "a", "1", "b", "1"), no);
});

Deno.test("new rules hold for the next command of a pipeline", () => {
  const bench = new Bench();
  const admin = bench.connect();
  admin.call("ACL", "SETUSER", "u", "on", "nopass", "~a*", "+@all");
  const user = login(bench, "u");
  const get = ["GET", "a"];
  const reply = user.send(encodeCommands([
    ...[get, get, ["ACL", "SETUSER", "u", "-get"], get, get],
    ...[["ACL", "SETUSER", "u", "+get", "resetkeys"], get],
    ...[["ACL", "SETUSER", "u", "%R~a"], get],
  ]));
  const command = "-NOPERM User u has no permissions to run the 'get' command";
  const key = "-NOPERM No permissions to access a key";
  assertEquals(reply.trimEnd().split("\r\n"), [
    ...["$-1", "$-1", "+OK", command, command],
    ...["+OK", key],
    ...["+OK", "$-1"],
  ]);
});

Deno.test("clients who are served together each keep to their own rights", () => {
  const bench = new Bench();
  const admin = bench.connect();
  admin.call("ACL", "SETUSER", "a", "on", "nopass", "~a:*", "+@all");
  admin.call("ACL", "SETUSER", "b", "on", "nopass", "%R~b:*", "+@all");
  admin.call("ACL", "SETUSER", "c", "on", "nopass", "~c:*", "+@all");
  const users = ["a", "b", "default", "c"].map((name) => login(bench, name));
  const { dispatcher } = bench.server;
  for (const user of users) user.call("PING");
  const commands = encodeCommands([["GET", "a:1"], ["SET", "b:1", "v"]]);
  for (const { session } of users) {
    assert(dispatcher.gather(session, commands));
  }
  // What has been sent is judged when it is executed.
  admin.call("ACL", "SETUSER", "c", "resetkeys", "~b:*");
  dispatcher.executeGathered();
  const no = "-NOPERM No permissions to access a key\r\n";
  assertEquals(users.map(({ transport }) => transport.take()), [
    `$-1\r\n${no}`,
    no + no,
    "$-1\r\n+OK\r\n",
    `${no}+OK\r\n`,
  ]);
});

Deno.test("permissions are given back with the rules and with the user", () => {
  const bench = new Bench();
  const admin = bench.connect();
  const { calls } = bench.server.engine;
  admin.call("PING");
  const before = calls.usedBytes();
  for (let round = 0; round < 50; round++) {
    admin.call("ACL", "SETUSER", "u", "on", "nopass", `~${round}:*`, "+@all");
    const user = login(bench, "u");
    user.call("GET", `${round}:a`);
    assert(calls.usedBytes() > before);
    user.leave();
  }
  admin.call("ACL", "DELUSER", "u");
  assertEquals(calls.usedBytes(), before);
  bench.verify();
});

Deno.test("who has more patterns than the engine is told is served all the same", () => {
  const bench = new Bench();
  const admin = bench.connect();
  const patterns = Array.from({ length: 3000 }, (_, i) => `~prefix${i}:*`);
  admin.call("ACL", "SETUSER", "u", "on", "nopass", ...patterns, "+@all");
  const user = login(bench, "u");
  assertEquals(user.call("GET", "prefix2999:x"), "$-1\r\n");
  assertEquals(user.call("GET", "prefix3000:x").slice(0, 7), "-NOPERM");
  assertEquals(user.call("PING"), "+PONG\r\n");
  assert(user.session.isHot);
});

Deno.test("without memory for a permission the rules still hold", () => {
  const bench = new Bench();
  const admin = bench.connect();
  admin.call("ACL", "SETUSER", "u", "on", "nopass", "~a", "+@all");
  const user = login(bench, "u");
  const { engine } = bench.server;
  const { permissionNew } = engine.calls;
  Object.defineProperty(engine, "calls", {
    value: { ...engine.calls, permissionNew: () => 0 },
  });
  assertEquals(user.call("GET", "a"), "$-1\r\n");
  assertEquals(user.call("GET", "b").slice(0, 7), "-NOPERM");
  Object.defineProperty(engine, "calls", {
    value: { ...engine.calls, permissionNew },
  });
  assertEquals(user.send(bytesOf("*2\r\n$3\r\nGET\r\n$1\r\na\r\n")), "$-1\r\n");
});
