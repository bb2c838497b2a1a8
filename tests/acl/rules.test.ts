/** Rules: what they come to, what is said when they are wrong. */
import { assert, assertEquals } from "@std/assert";
import { Talk } from "../commands/talk.ts";

/** What ACL LIST has for a user after each of several SETUSERs. */
function assertRules(
  rows: readonly [rules: string, listed: string][],
): void {
  const talk = new Talk();
  for (const [rules, listed] of rows) {
    assertEquals(talk.say(`ACL SETUSER u ${rules}`), "+OK", rules);
    const lines = talk.say("ACL LIST");
    assert(lines.endsWith(` user u ${listed}`), `${rules}: ${lines}`);
  }
}

Deno.test("rules for commands are kept in the order in which they count", () => {
  assertRules([
    ["+get", "off sanitize-payload resetchannels -@all +get"],
    ["+GET +@Read", "off sanitize-payload resetchannels -@all +get +@read"],
    ["-get", "off sanitize-payload resetchannels -@all +@read -get"],
    ["+get", "off sanitize-payload resetchannels -@all +@read +get"],
    ["-@read", "off sanitize-payload resetchannels -@all +get -@read"],
    ["+@all", "off sanitize-payload resetchannels +@all"],
    [
      "-config|get -config|set",
      "off sanitize-payload resetchannels +@all -config|get -config|set",
    ],
    [
      "+config|get",
      "off sanitize-payload resetchannels +@all -config|set +config|get",
    ],
    ["-config", "off sanitize-payload resetchannels +@all -config"],
    [
      "+select|0 +select|1",
      "off sanitize-payload resetchannels +@all -config +select|0 +select|1",
    ],
    ["-select", "off sanitize-payload resetchannels +@all -config -select"],
    ["nocommands", "off sanitize-payload resetchannels -@all"],
    ["allcommands", "off sanitize-payload resetchannels +@all"],
  ]);
});

Deno.test("what a rule about a container allows, it allows of its parts", () => {
  const talk = new Talk();
  const may = (command: string) =>
    talk.say(`ACL DRYRUN u ${command}`) === "+OK";
  talk.say("ACL SETUSER u on nopass ~* -@all +config -config|set");
  assert(may("config get x") && !may("config set x y"));
  talk.say("ACL SETUSER u -@all +config|set");
  assert(!may("config get x") && may("config set x y"));
  talk.say("ACL SETUSER u +config -config");
  assert(!may("config get x") && !may("config set x y"));
  talk.say("ACL SETUSER u +@all -@admin");
  assert(!may("config get x") && may("client id") && may("get x"));
  talk.say("ACL SETUSER u -@all +select|0 +SELECT|1");
  assert(may("select 0") && may("select 1") && !may("select 2"));
  talk.say("ACL SETUSER u +select -select");
  assert(!may("select 0"));
  // Who is not let in yet may use these.
  assert(may("auth x") && may("hello") && may("quit") && may("reset"));
});

Deno.test("a rule that is wrong leaves the user as it was", () => {
  const talk = new Talk();
  talk.say("ACL SETUSER u on >one ~a &b +get (~c +set)");
  const before = talk.say("ACL LIST");
  const start = "-ERR Error in ACL SETUSER modifier";
  const rows: [rules: string, error: string][] = [
    ["~x -get nonsense", `${start} 'nonsense': Syntax error`],
    [
      "resetpass !short",
      `${start} '!short': The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters`,
    ],
    [
      "<two",
      `${start} '<two': The password you are trying to remove from the user does not exist`,
    ],
    [
      "~* ~x",
      `${start} '~x': Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns`,
    ],
    [
      "&* &x",
      `${start} '&x': Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels`,
    ],
    [
      "clearselectors +config|get|x",
      `${start} '+config|get|x': Allowing first-arg of a subcommand is not supported`,
    ],
    ["off +nope", `${start} '+nope': Unknown command or category name in ACL`],
    ["%~x", `${start} '%~x': Syntax error`],
    ["%", `${start} '%': Syntax error`],
    ["(~x +get nope)", `${start} '(~x +get nope)': Syntax error`],
    ["(on)", `${start} '(on)': Syntax error`],
    ["((~x))", `${start} '((~x))': Syntax error`],
    ["~y (~x", "-ERR Unmatched parenthesis in acl selector starting at '(~x'."],
  ];
  for (const [rules, error] of rows) {
    assertEquals(talk.say(`ACL SETUSER u ${rules}`), error);
    assertEquals(talk.say("ACL LIST"), before, rules);
  }
  assertEquals(
    talk.say("ACL SETUSER fresh +nope"),
    `${start} '+nope': Unknown command or category name in ACL`,
  );
  assertEquals(talk.say("ACL USERS"), "*2 $7 default $1 u");
});

Deno.test("of several reasons the one is told that was nearest to a yes", () => {
  const talk = new Talk();
  talk.say("ACL SETUSER u +set ~a (+mset ~a) (+publish &c)");
  const tell = (line: string) =>
    talk.say(`ACL DRYRUN u ${line}`).split(" ").slice(1).join(" ");
  const start = "User u has no permissions to";
  assertEquals(tell("get a"), `${start} run the 'get' command`);
  assertEquals(tell("set b v"), `${start} access the 'b' key`);
  assertEquals(tell("mset a v b v"), `${start} access the 'b' key`);
  assertEquals(tell("publish x m"), `${start} access the 'x' channel`);
  assertEquals(talk.say("ACL DRYRUN u mset a v a v"), "+OK");
  assertEquals(talk.say("ACL DRYRUN u publish c m"), "+OK");
});

Deno.test("each command must get all that it needs from one selector", () => {
  const talk = new Talk();
  talk.say(
    "ACL SETUSER u (+mset ~a) (+mset ~b) (+mget %R~a %R~b) (+copy %R~a)",
  );
  const may = (line: string) => talk.say(`ACL DRYRUN u ${line}`) === "+OK";
  assert(may("mset a 1") && may("mset b 1") && may("mget a b"));
  assert(!may("mset a 1 b 1") && !may("copy a b"));
});

Deno.test("GETUSER tells the rights as rules that make them", () => {
  const talk = new Talk();
  talk.say("HELLO 3");
  talk.say("ACL SETUSER u on nopass %R~a ~b &c -@all +get (%W~d +set)");
  assertEquals(
    talk.say("ACL GETUSER u"),
    "%6 $5 flags ~3 $2 on $6 nopass $16 sanitize-payload $9 passwords *0 " +
      "$8 commands $10 -@all +get $4 keys $7 %R~a ~b $8 channels $2 &c " +
      "$9 selectors *1 %3 $8 commands $10 -@all +set $4 keys $4 %W~d " +
      "$8 channels $0",
  );
  assertEquals(talk.say("ACL GETUSER nobody"), "_");
});

Deno.test("acl-pubsub-default is what new users and reset ones begin with", () => {
  const talk = new Talk();
  talk.say("CONFIG SET acl-pubsub-default allchannels");
  talk.say("ACL SETUSER u");
  talk.say("CONFIG SET acl-pubsub-default resetchannels");
  talk.say("ACL SETUSER v");
  const rules = () => talk.say("ACL LIST").split(/ [$]\d+ /).slice(2);
  const closed = "off sanitize-payload resetchannels -@all";
  const open = "off sanitize-payload &* -@all";
  assertEquals(rules(), [`user u ${open}`, `user v ${closed}`]);
  talk.say("ACL SETUSER u reset");
  talk.say("CONFIG SET acl-pubsub-default allchannels");
  talk.say("ACL SETUSER v reset (~x)");
  assertEquals(rules(), [`user u ${closed}`, `user v ${open} (~x &* -@all)`]);
});

Deno.test("SETUSER and AUTH hide their words from the slow log", () => {
  const talk = new Talk();
  talk.say("CONFIG SET slowlog-log-slower-than 0");
  talk.say("ACL SETUSER u >secret");
  talk.say("AUTH u secret");
  assert(!talk.say("SLOWLOG GET").includes("secret"));
});
