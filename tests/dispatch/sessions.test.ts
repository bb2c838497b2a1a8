/** What a client's state makes of its commands, below the sockets. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeCommands } from "../support/client.ts";
import { latin1 } from "../support/reply.ts";
import { Bench } from "./harness.ts";

const NO_AUTH = "-NOAUTH Authentication required.\r\n";

/** The bytes of an array whose arguments have not come yet. */
const announce = (count: number) => `*${count}\r\n`;
const pings = (count: number) => "PING\r\n".repeat(count);

Deno.test("who has not authenticated may announce ten arguments of 16 KiB", () => {
  const bench = new Bench({ requirepass: "secret" });
  const inLimits = bench.connect();
  assertEquals(inLimits.send(announce(10) + "$16384\r\n"), "");
  assertEquals(inLimits.session.closing, false);
  const manyArguments = bench.connect();
  assertEquals(
    manyArguments.send(announce(11)),
    "-ERR Protocol error: unauthenticated multibulk length\r\n",
  );
  assert(manyArguments.transport.ended);
  const longArgument = bench.connect();
  assertEquals(
    longArgument.send(announce(2) + "$16385\r\n"),
    "-ERR Protocol error: unauthenticated bulk length\r\n",
  );
  assert(longArgument.transport.ended);
});

Deno.test("AUTH lifts the limits for what follows in the same pipeline", () => {
  const bench = new Bench({ requirepass: "secret" });
  const client = bench.connect();
  const commands = [["AUTH", "secret"], ["ECHO", "x".repeat(20_000)]];
  const reply = client.send(encodeCommands(commands));
  assertEquals(reply, `+OK\r\n$20000\r\n${"x".repeat(20_000)}\r\n`);
  // Another client's limits are his own.
  assertMatch(bench.connect().send(announce(11)), /unauthenticated/);
  assertEquals(client.send(announce(11)), "");
});

Deno.test("without authentication only a few commands run", () => {
  const bench = new Bench({ requirepass: "secret" });
  const client = bench.connect();
  assertEquals(client.send("PING\r\n"), NO_AUTH);
  assertEquals(client.send("SET a 1\r\n"), NO_AUTH);
  assertEquals(client.send("CLIENT ID\r\n"), NO_AUTH);
  // A name and a number of arguments are judged before that.
  assertMatch(client.send("NOSUCH\r\n"), /^-ERR unknown command 'NOSUCH'/);
  assertMatch(client.send("GET\r\n"), /^-ERR wrong number of arguments/);
  assertMatch(client.send("HELLO 3\r\n"), /^-NOAUTH HELLO must be called/);
  assertEquals(client.send("RESET\r\n"), "+RESET\r\n");
  assertMatch(client.send("AUTH wrong\r\n"), /^-WRONGPASS /);
  assertMatch(client.send("AUTH someone secret\r\n"), /^-WRONGPASS /);
  assertEquals(client.send("PING\r\n"), NO_AUTH);
  assertEquals(client.send("AUTH default secret\r\n"), "+OK\r\n");
  assertEquals(client.send("PING\r\n"), "+PONG\r\n");
  assertEquals(client.send("RESET\r\nPING\r\n"), "+RESET\r\n" + NO_AUTH);
  assertMatch(
    client.send("HELLO 3 AUTH default secret SETNAME me\r\n"),
    /^%7\r\n/,
  );
  assertEquals(client.send("CLIENT GETNAME\r\n"), "$2\r\nme\r\n");
  assertEquals(bench.connect().send("QUIT\r\n"), "+OK\r\n");
});

Deno.test("a new password asks nothing of those who are in", () => {
  const bench = new Bench();
  const early = bench.connect();
  assertEquals(early.call("CONFIG", "SET", "requirepass", "one"), "+OK\r\n");
  assertEquals(early.send("PING\r\n"), "+PONG\r\n");
  const late = bench.connect();
  assertEquals(late.send("PING\r\n"), NO_AUTH);
  assertEquals(early.call("CONFIG", "SET", "requirepass", "two"), "+OK\r\n");
  assertMatch(late.send("AUTH one\r\n"), /^-WRONGPASS /);
  assertEquals(late.send("AUTH two\r\n"), "+OK\r\n");
  assertEquals(early.send("PING\r\n"), "+PONG\r\n");
});

Deno.test("without a password nobody needs to authenticate any more", () => {
  const bench = new Bench({ requirepass: "secret" });
  const waiting = bench.connect();
  assertEquals(waiting.send("PING\r\n"), NO_AUTH);
  const master = bench.connect();
  master.send("AUTH secret\r\n");
  master.call("CONFIG", "SET", "requirepass", "");
  assertEquals(waiting.send("PING\r\n"), "+PONG\r\n");
  assertMatch(
    waiting.send("AUTH secret\r\n"),
    /^-ERR AUTH <password> called without any password/,
  );
  master.call("CONFIG", "SET", "requirepass", "again");
  assertEquals(waiting.send("PING\r\n"), NO_AUTH);
  assertEquals(master.send("PING\r\n"), "+PONG\r\n");
});

Deno.test("CLIENT REPLY OFF silences errors too, until it is ON again", () => {
  const client = new Bench().connect();
  const silent = "CLIENT REPLY OFF\r\nPING\r\nNOSUCH\r\nGET\r\n" +
    "CLIENT REPLY SKIP\r\nSET a 1\r\n";
  assertEquals(client.send(silent), "");
  assertEquals(
    client.send("CLIENT REPLY ON\r\nGET a\r\n"),
    "+OK\r\n$1\r\n1\r\n",
  );
});

Deno.test("CLIENT REPLY SKIP drops the next reply and no other", () => {
  const client = new Bench().connect();
  const skip = "CLIENT REPLY SKIP\r\n";
  assertEquals(client.send(`${skip}PING\r\nPING x\r\n`), "$1\r\nx\r\n");
  assertEquals(client.send(`${skip}NOSUCH\r\nPING x\r\n`), "$1\r\nx\r\n");
  assertEquals(client.send(`${skip}${skip}PING\r\nPING x\r\n`), "$1\r\nx\r\n");
  assertEquals(client.send(`${skip}RESET\r\nPING x\r\n`), "$1\r\nx\r\n");
  // What switches replies on says so itself.
  assertEquals(
    client.send(`${skip}CLIENT REPLY ON\r\nPING x\r\n`),
    "+OK\r\n$1\r\nx\r\n",
  );
  // The next command may come much later.
  client.send(skip);
  assertEquals(client.send("PING\r\n"), "");
  assertEquals(client.send("PING\r\n"), "+PONG\r\n");
});

Deno.test("a protocol error under CLIENT REPLY OFF closes without a word", () => {
  const client = new Bench().connect();
  assertEquals(client.send("CLIENT REPLY OFF\r\n*1\r\n+PING\r\n"), "");
  assert(client.transport.ended);
});

Deno.test("a protocol error ends a pipeline behind the replies before it", () => {
  const bench = new Bench();
  const client = bench.connect();
  const reply = client.send(
    pings(2) + "NOSUCH\r\n" + pings(1) + "*1\r\n+X\r\nSET a 1\r\n",
  );
  assertMatch(reply, /^(\+PONG\r\n){2}-ERR unknown .*\r\n\+PONG\r\n-ERR Proto/);
  assertMatch(reply, /expected '\$', got '\+'\r\n$/);
  assert(client.transport.ended);
  assertEquals(client.send(pings(1)), "");
  assertEquals(bench.connect().send("EXISTS a\r\n"), ":0\r\n");
});

Deno.test("QUIT answers, and nothing behind it is executed", () => {
  const bench = new Bench();
  const client = bench.connect();
  assertEquals(
    client.send("SET a 1\r\nQUIT\r\nSET a 2\r\n"),
    "+OK\r\n+OK\r\n",
  );
  assert(client.transport.ended && !client.transport.destroyed);
  assertEquals(bench.connect().send("GET a\r\n"), "$1\r\n1\r\n");
});

Deno.test("SELECT holds for the rest of the pipeline and of the connection", () => {
  const bench = new Bench();
  const client = bench.connect();
  const reply = client.send(encodeCommands([
    ["SET", "a", "zero"],
    ["SELECT", 3],
    ["SET", "a", "three"],
    ["GET", "a"],
    ["SELECT", 16],
    ["GET", "a"],
    ["SELECT", 0],
    ["GET", "a"],
    ["SELECT", 3],
  ]));
  assertEquals(
    reply,
    "+OK\r\n+OK\r\n+OK\r\n$5\r\nthree\r\n-ERR DB index is out of range\r\n" +
      "$5\r\nthree\r\n+OK\r\n$4\r\nzero\r\n+OK\r\n",
  );
  assertEquals(client.send("GET a\r\n"), "$5\r\nthree\r\n");
  assertEquals(bench.connect().send("GET a\r\n"), "$4\r\nzero\r\n");
});

Deno.test("RESET takes back everything but the library's name", () => {
  const client = new Bench().connect();
  client.send(
    "HELLO 3 SETNAME me\r\nSELECT 2\r\nCLIENT NO-TOUCH ON\r\n" +
      "CLIENT NO-EVICT ON\r\nCLIENT SETINFO LIB-NAME lib\r\n",
  );
  assertMatch(client.send("CLIENT INFO\r\n"), / name=me .* flags=eT db=2 /);
  assertEquals(client.send("RESET\r\n"), "+RESET\r\n");
  const info = client.send("CLIENT INFO\r\n");
  assertMatch(info, /^\$\d+\r\n/);
  assertMatch(info, / name= .* flags=N db=0 .* resp=2 lib-name=lib /);
});

Deno.test("CLIENT NO-TOUCH leaves the idle clocks alone, TOUCH does not", () => {
  const bench = new Bench({ "maxmemory-policy": "allkeys-lfu" });
  const client = bench.connect();
  client.send("SET a 1\r\nCLIENT NO-TOUCH ON\r\n");
  const frequency = () => Number(client.send("OBJECT FREQ a\r\n").slice(1));
  const before = frequency();
  for (let i = 0; i < 1000; i++) client.send("GET a\r\n");
  assertEquals(frequency(), before);
  for (let i = 0; i < 1000; i++) client.send("TOUCH a\r\n");
  const touched = frequency();
  assert(touched > before);
  // Another client's reads count as ever.
  const other = bench.connect();
  for (let i = 0; i < 100_000 && frequency() === touched; i++) {
    other.send("GET a\r\n");
  }
  assert(frequency() > touched);
});

Deno.test("a browser that is tricked into sending commands is cut off", () => {
  const bench = new Bench();
  for (const word of ["POST", "Host:", "post", "hOsT:"]) {
    const client = bench.connect();
    assertEquals(client.send(`${word} / HTTP/1.1\r\nSET a 1\r\n`), "");
    assert(client.transport.destroyed);
  }
  assertMatch(bench.logged.join(""), /Possible SECURITY ATTACK detected/);
  assertEquals(bench.connect().send("EXISTS a\r\n"), ":0\r\n");
});

Deno.test("the query buffer of CLIENT LIST is what has come in for the turn", () => {
  const client = new Bench().connect();
  const info = encodeCommands([["CLIENT", "INFO"]]);
  assertMatch(client.send(info), / qbuf=26 .* cmd=client\|info /);
  const half = latin1(encodeCommands([["SET", "a", "x".repeat(50_000)]]));
  client.send(half.slice(0, 20_000));
  // What is parsed already counts for the command.
  assertMatch(client.session.describe(), / qbuf=19972 .* argv-mem=28 /);
});

Deno.test("an input beyond client-query-buffer-limit ends its client", () => {
  const bench = new Bench({ "client-query-buffer-limit": "1mb" });
  const client = bench.connect();
  client.send("*2\r\n$3\r\nGET\r\n$2000000\r\n");
  const piece = "x".repeat(60_000);
  for (let i = 0; i < 17; i++) client.send(piece);
  assertEquals(client.session.closing, false);
  client.send(piece);
  assert(client.transport.destroyed);
  assertMatch(bench.logged.join(""), /reached max query buffer length: id=1 /);
  client.leave();
  bench.verify();
});

Deno.test("CLIENT LIST names the last command, who ever executed it", () => {
  const client = new Bench().connect();
  client.send("SET a 1\r\n");
  assertMatch(client.session.describe(), / cmd=set /);
  client.send("STRLEN a\r\nGET a\r\n");
  assertMatch(client.session.describe(), / cmd=get /);
  client.send("GET a\r\nCLIENT ID\r\n");
  assertMatch(client.session.describe(), / cmd=client\|id /);
});
