/** While data are loaded, or cannot be written down, few commands run. */
import { assertEquals } from "@std/assert";
import { ReplyError } from "../../src/protocol/errors.ts";
import { Bench } from "./harness.ts";

const LOADING = "-LOADING Redis is loading the dataset in memory\r\n";

Deno.test("only commands that may run while loading do", () => {
  const bench = new Bench();
  const client = bench.connect();
  client.send("SET a 1\r\n");
  bench.server.dispatcher.admission.isLoading = true;
  for (const refused of ["GET a", "SET a 2", "PING", "DBSIZE", "LPOP a"]) {
    assertEquals(client.send(`${refused}\r\n`), LOADING, refused);
  }
  for (const done of ["SELECT 1", "CLIENT SETNAME me", "SELECT 0"]) {
    assertEquals(client.send(`${done}\r\n`), "+OK\r\n", done);
  }
  // What is wrong in itself is wrong first.
  assertEquals(
    client.send("GET\r\n"),
    "-ERR wrong number of arguments for 'get' command\r\n",
  );
  bench.server.dispatcher.admission.isLoading = false;
  assertEquals(client.send("GET a\r\n"), "$1\r\n1\r\n");
});

Deno.test("a refusal of writes reaches commands that write, and PING", () => {
  const bench = new Bench();
  const client = bench.connect();
  client.send("SET a 1\r\n");
  bench.server.dispatcher.admission.writeRefusal = new ReplyError(
    "MISCONF no disk",
  );
  for (const refused of ["SET a 2", "DEL a", "INCR a", "PING", "PING x"]) {
    assertEquals(
      client.send(`${refused}\r\n`),
      "-MISCONF no disk\r\n",
      refused,
    );
  }
  assertEquals(client.send("GET a\r\nECHO x\r\n"), "$1\r\n1\r\n$1\r\nx\r\n");
  bench.server.dispatcher.admission.writeRefusal = null;
  assertEquals(client.send("SET a 2\r\nPING\r\n"), "+OK\r\n+PONG\r\n");
});

Deno.test("refused commands count as rejected", () => {
  const bench = new Bench();
  const { dispatcher, table } = bench.server;
  dispatcher.admission.isLoading = true;
  bench.connect().send("SET a 1\r\nSET a 2\r\n");
  const use = dispatcher.statistics.use(table.find("SET")!);
  assertEquals([use.calls, use.rejected], [0, 2]);
  assertEquals(dispatcher.statistics.errors.get("LOADING"), 2);
});
