/** Words that nobody sends in good faith. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Bench, type BenchClient } from "../dispatch/harness.ts";

const WRONG =
  "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

function assertWhole(bench: Bench, admin: BenchClient): void {
  assertEquals(admin.call("PING"), "+PONG\r\n");
  bench.verify();
}

Deno.test("whatever is wrong with a login, the answer is the same", () => {
  const bench = new Bench();
  const admin = bench.connect();
  admin.call("ACL", "SETUSER", "on", "on", ">right", ">other");
  admin.call("ACL", "SETUSER", "off", ">right");
  admin.call("ACL", "SETUSER", "open", "off", "nopass");
  admin.call("ACL", "SETUSER", "none", "on");
  const client = bench.connect();
  const zeros = "0".repeat(64);
  const logins: [user: string, password: string][] = [
    ["on", "wrong"],
    ["on", ""],
    ["on", "right\x00"],
    ["on\x00", "right"],
    ["On", "right"],
    ["off", "right"],
    ["open", "anything"],
    ["none", ""],
    ["none", zeros],
    ["nobody", "right"],
    ["nobody", zeros],
    ["", ""],
    ["\xff".repeat(1000), "right"],
    ["on", "x".repeat(1_000_000)],
  ];
  for (const login of logins) {
    assertEquals(client.call("AUTH", ...login), WRONG, login[0]);
    assertEquals(client.call("HELLO", "3", "AUTH", ...login), WRONG);
    assertEquals(client.call("ACL", "WHOAMI"), "$7\r\ndefault\r\n");
  }
  assertEquals(client.call("AUTH", "on", "other"), "+OK\r\n");
  assertWhole(bench, admin);
});

Deno.test("who tries a thousand passwords leaves one line in the log", () => {
  const bench = new Bench({ requirepass: "secret" });
  const client = bench.connect();
  for (let i = 0; i < 1000; i++) {
    assertEquals(client.call("AUTH", `guess${i}`), WRONG);
  }
  assertEquals(client.call("GET", "x"), "-NOAUTH Authentication required.\r\n");
  assertEquals(client.call("AUTH", "secret"), "+OK\r\n");
  const log = client.call("ACL", "LOG");
  assertMatch(log, /^\*1\r\n\*20\r\n\$5\r\ncount\r\n:1000\r\n/);
  assertMatch(log, /\$6\r\nobject\r\n\$4\r\nAUTH\r\n/);
});

Deno.test("names and rules of any length are taken or refused as they are", () => {
  const bench = new Bench();
  const admin = bench.connect();
  const long = "x".repeat(2_000_000);
  assertEquals(admin.call("ACL", "SETUSER", long, "on", "nopass"), "+OK\r\n");
  assertEquals(admin.call("AUTH", long, "x"), "+OK\r\n");
  const refusal = admin.call("GET", "k");
  assert(refusal.startsWith("-NOPERM User xxx"));
  assert(refusal.endsWith("run the 'get' command\r\n"));
  const other = bench.connect();
  assertEquals(other.call("ACL", "DELUSER", long), ":1\r\n");
  for (const name of ["a b", "a\tb", "a\x00", " ", "\n", "a\x0b"]) {
    assertEquals(
      other.call("ACL", "SETUSER", name, "on"),
      "-ERR Usernames can't contain spaces or null characters\r\n",
    );
  }
  for (const rule of [long, `+${long}`, `(${long})`, `#${long}`, `%${long}`]) {
    assertMatch(other.call("ACL", "SETUSER", "u", rule), /^-ERR Error in ACL/);
  }
  for (const rule of [`~${long}`, `&${long}`, `>${long}`, `(~${long})`, ""]) {
    assertEquals(other.call("ACL", "SETUSER", "u", rule), "+OK\r\n");
  }
  for (const rule of ["~a\x00", "&a\x00", "~a b", "(~a\x00b)"]) {
    assertMatch(other.call("ACL", "SETUSER", "v", rule), /Syntax error/);
  }
  assertEquals(
    other.call("ACL", "SETUSER", "v", "on\x00ly", ">\x00"),
    "+OK\r\n",
  );
  assertEquals(other.call("AUTH", "v", "\x00"), "+OK\r\n");
  assertWhole(bench, bench.connect());
});

Deno.test("many rules take time in proportion, and none is lost", () => {
  const bench = new Bench();
  const admin = bench.connect();
  const many = <T>(make: (i: number) => T) =>
    Array.from({ length: 5_000 }, (_, i) => make(i));
  const rules: string[][] = [
    many((i) => `(~${i}:* +get)`),
    many((i) => `~${i}`),
    many((i) => `&${i}`),
    many((i) => `#${i.toString(16).padStart(64, "0")}`),
    many((i) => `+select|${i}`),
    many((i) => i % 2 === 0 ? "+@all" : "-get"),
    many((i) => i % 2 === 0 ? `+select|${i}` : "-select"),
    many(() => "("),
  ];
  const started = performance.now();
  for (const list of rules) {
    admin.call("ACL", "SETUSER", "u", "on", "nopass", ...list);
  }
  admin.call("ACL", "SETUSER", "u", "nopass");
  admin.call("ACL", "LIST");
  admin.call("ACL", "GETUSER", "u");
  const user = bench.connect();
  user.call("AUTH", "u", "x");
  assertEquals(user.call("GET", "4999:x"), "$-1\r\n");
  assertEquals(
    user.call("GET", "5000:x"),
    "-NOPERM No permissions to access a key\r\n",
  );
  // Far above what it takes, far below what squares would.
  assert(performance.now() - started < 5000);
  assertWhole(bench, admin);
});

Deno.test("a thousand users come and go", () => {
  const bench = new Bench();
  const admin = bench.connect();
  const names = Array.from({ length: 1000 }, (_, i) => `user${i}`);
  for (const name of names) {
    admin.call("ACL", "SETUSER", name, "on", "nopass", `~${name}:*`, "+@all");
    const user = bench.connect();
    user.call("AUTH", name, "x");
    assertEquals(user.call("GET", `${name}:x`), "$-1\r\n");
    user.leave();
  }
  assertEquals(admin.call("ACL", "DELUSER", ...names), ":1000\r\n");
  assertEquals(admin.call("ACL", "USERS"), "*1\r\n$7\r\ndefault\r\n");
  assertWhole(bench, admin);
});

Deno.test("whoever has authenticated is a stranger again after RESET", () => {
  const bench = new Bench({ requirepass: "secret" });
  const admin = bench.connect();
  const noAuth = "-NOAUTH Authentication required.\r\n";
  assertEquals(admin.call("PING"), noAuth);
  assertMatch(admin.call("HELLO", "3"), /^-NOAUTH HELLO must be called/);
  admin.call("AUTH", "secret");
  admin.call("ACL", "SETUSER", "u", "on", ">pass", "+ping");
  const user = bench.connect();
  assertMatch(user.call("HELLO", "3", "AUTH", "u", "pass"), /^%7\r\n/);
  assertEquals(user.call("PING"), "+PONG\r\n");
  assertEquals(user.call("RESET"), "+RESET\r\n");
  assertEquals(user.call("PING"), noAuth);
  // Who fails stays who he was.
  user.call("AUTH", "u", "pass");
  assertEquals(user.call("AUTH", "wrong"), WRONG);
  assertEquals(user.call("PING"), "+PONG\r\n");
  assertEquals(user.call("QUIT"), "+OK\r\n");
  assert(user.session.closing);
});

Deno.test("HELLO authenticates when it has understood all of its words", () => {
  const bench = new Bench();
  const admin = bench.connect();
  admin.call("ACL", "SETUSER", "u", "on", ">pass", "+acl|whoami");
  const user = bench.connect();
  assertEquals(
    user.call("HELLO", "3", "AUTH", "u", "pass", "WAT"),
    "-ERR Syntax error in HELLO option 'WAT'\r\n",
  );
  assertEquals(user.call("ACL", "WHOAMI"), "$7\r\ndefault\r\n");
});
