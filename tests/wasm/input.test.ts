/**
 * How bytes are kept that no command has used yet: partial commands, big
 * arguments, clients that wait; and what that costs in memory.
 */
import { assert, assertEquals } from "@std/assert";
import { multibulk } from "../protocol/frames.ts";
import {
  assertCommands,
  chunks,
  Client,
  type Host,
  loadParser,
  sendAll,
} from "./parser_host.ts";

const BIG = 32768;
const CHUNK = 65536;

/** Every command that can be parsed from what is active. */
function parseAll(host: Host): string[][] {
  const met: string[][] = [];
  let code: number;
  while ((code = host.calls.parseNext()) === 1) met.push(host.command());
  assertEquals(code, 0);
  return met;
}

Deno.test("a client with nothing left over has no input", async () => {
  const host = await loadParser(true);
  const client = new Client(host);
  client.send(multibulk(["PING"]) + "PING\r\n\r\n*0\r\n");
  assertEquals(client.input, 0);
  assertEquals(host.calls.inputBytes(0), 0);
  assertEquals(host.calls.inputCapacity(0), 0);
  host.verifyEmpty();
});

Deno.test("the bytes left over are counted while they wait", async () => {
  const host = await loadParser(true);
  const { calls } = host;
  const message = multibulk(["SET", "key", "v".repeat(50000), "w".repeat(70)]);
  for (const size of [1000, CHUNK]) {
    const client = new Client(host);
    let sent = 0;
    for (const chunk of chunks(message.slice(0, -1), size)) {
      client.send(chunk);
      sent += chunk.length;
      // Of an argument in its block, the two bytes before it are not counted.
      const counted = calls.inputBytes(client.input);
      assert(counted === sent, `${counted} of ${sent}`);
      assert(calls.inputCapacity(client.input) >= counted);
    }
    client.send(message.slice(-1));
    assertEquals(client.commands.length, 1);
    assertEquals(client.input, 0);
  }
  host.verifyEmpty();
});

Deno.test("a big argument in several chunks can be taken as a block", async () => {
  for (const debug of [true, false]) {
    const host = await loadParser(debug);
    const { calls } = host;
    for (const length of [BIG, BIG + 1, CHUNK, 3 * CHUNK, 1000000]) {
      for (const size of [100, 1000, 16384, CHUNK]) {
        if (length <= size || length / size > 2000) continue;
        const value = "abcdefg".repeat(Math.ceil(length / 7)).slice(0, length);
        const message = multibulk(["SET", "k", value, "after"]);
        let block = 0;
        const client = new Client(host);
        client.onCommand = () => {
          assertEquals(calls.takeArgument(0), 0);
          assertEquals(calls.takeArgument(3), 0);
          block = calls.takeArgument(2) >>> 0;
          assertEquals(calls.takeArgument(2), 0);
        };
        sendAll(client, message, size);
        assert(block !== 0, `${length} bytes in chunks of ${size}`);
        assertCommands(client.commands, [["SET", "k", value, "after"]]);
        // The block outlives the command.
        client.onCommand = () => {};
        client.send("PING\r\n");
        assert(host.read(block + 4, length) === value);
        assertEquals(host.word(block), length);
        calls.free(block);
        host.verifyEmpty();
      }
    }
  }
});

Deno.test("a big argument may be cut anywhere around its ends", async () => {
  const host = await loadParser(true);
  const words = ["x".repeat(BIG), "y".repeat(BIG + 7), "z"];
  const message = multibulk(words);
  const firstEnd = message.indexOf("\r\n$32775");
  const secondEnd = message.indexOf("\r\n$1\r\n");
  for (let first = firstEnd - 3; first < firstEnd + 14; first++) {
    for (let second = secondEnd - 3; second < secondEnd + 8; second++) {
      const client = new Client(host);
      client.send(message.slice(0, first));
      client.send(message.slice(first, second));
      client.send(message.slice(second));
      assertCommands(client.commands, [words], `cut at ${first}, ${second}`);
      host.verifyEmpty();
    }
  }
});

Deno.test("an argument that is not big or not cut has no block", async () => {
  const host = await loadParser(true);
  const client = new Client(host);
  const taken: number[] = [];
  client.onCommand = () => taken.push(host.calls.takeArgument(1));
  client.send(multibulk(["ECHO", "x".repeat(BIG)]));
  sendAll(client, multibulk(["ECHO", "x".repeat(BIG - 1)]), 1000);
  assertEquals(taken, [0, 0]);
  host.verifyEmpty();
});

Deno.test("many big arguments keep their order and are freed unless taken", async () => {
  const host = await loadParser(true);
  const words = Array.from(
    { length: 60 },
    (_, i) => String.fromCharCode(48 + i).repeat(i % 3 ? BIG + i : i),
  );
  for (const size of [7000, CHUNK, 300000]) {
    const client = new Client(host);
    client.onCommand = () => {
      for (const i of [4, 31, 59]) {
        const text = host.takeText(i);
        // In small chunks every big argument is cut.
        assert(text === words[i] || text === null && size > BIG);
        host.verifyParsing();
      }
    };
    sendAll(client, multibulk(words), size);
    assertCommands(client.commands, [words]);
    host.verifyEmpty();
  }
});

Deno.test("a client that announces much and sends little takes little", async () => {
  const host = await loadParser(false);
  const { calls } = host;
  const clients: Client[] = [];
  for (let i = 0; i < 1000; i++) {
    const client = new Client(host);
    client.send("*1000000\r\n$3\r\nSET\r\n$536870912\r\n");
    if (i % 2) client.send("only a few bytes");
    clients.push(client);
  }
  assert(calls.usedBytes() < 1000 * 300, `${calls.usedBytes()} bytes`);
  for (const client of clients) client.close();
  host.verifyEmpty();
});

Deno.test("memory stays below twice what has arrived and grows in few steps", async () => {
  const host = await loadParser(false);
  const { calls } = host;
  const one = multibulk(["SET", "k", "v".repeat(6000000)]);
  const many = multibulk(Array.from({ length: 60000 }, () => "v".repeat(80)));
  for (const message of [one, many]) {
    for (const size of [5000, CHUNK]) {
      const client = new Client(host);
      const capacities = new Set<number>();
      let sent = 0;
      for (const chunk of chunks(message, size)) {
        client.send(chunk);
        sent += chunk.length;
        // Sixteen bytes for a record is what a table that doubles may take.
        const table = message === many ? sent / 87 * 16 : 0;
        const used = calls.usedBytes();
        assert(used <= 2 * sent + table + CHUNK + 20000, `${used} of ${sent}`);
        capacities.add(calls.inputCapacity(client.input));
      }
      assertEquals(client.commands.length, 1);
      assert(capacities.size < 60, `${capacities.size} sizes`);
      host.verifyEmpty();
    }
  }
});

Deno.test("a rest that has become short gives memory back if it can", async () => {
  const host = await loadParser(true);
  const { calls } = host;
  for (const isFull of [false, true]) {
    const client = new Client(host);
    const message = multibulk(Array(99).fill("y".repeat(90)));
    sendAll(client, message.slice(0, -1), 9000);
    assert(calls.inputCapacity(client.input) > 9000);
    calls.failAllocationsAfter(isFull ? 0 : -1);
    client.send("\n*2");
    calls.failAllocationsAfter(-1);
    assertEquals(calls.inputBytes(client.input), 2);
    assertEquals(calls.inputCapacity(client.input) > 9000, isFull);
    client.close();
    assertEquals(client.error, null);
    host.verifyEmpty();
  }
});

Deno.test("a line that comes byte by byte is not looked at twice", async () => {
  const host = await loadParser(true);
  const scannedBytes = 44;
  for (const start of ["*", "$", "GET "]) {
    const client = new Client(host);
    client.send(start === "$" ? "*1\r\n" : "");
    for (const [i, byte] of [...start, ..."1234567"].entries()) {
      client.send(byte);
      assertEquals(host.word(client.input + scannedBytes), i + 1);
    }
    client.close();
  }
});

Deno.test("a client may be freed while its commands are parsed", async () => {
  const host = await loadParser(true);
  const { calls } = host;
  const client = new Client(host);
  client.send("*1\r\n$4\r\nPI");
  client.offer("NG\r\n" + multibulk(["QUIT"]));
  assertEquals(calls.parseNext(), 1);
  client.close();
  assertEquals(calls.parseNext(), 0);
  client.suspend();
  assertEquals(client.input, 0);
  host.verifyEmpty();
});

Deno.test("a million arguments in many chunks are read in order", async () => {
  const host = await loadParser(false);
  const words = Array.from({ length: 1000000 }, (_, i) => `${i}`);
  const client = new Client(host);
  // To look at every argument is slow: the test picks some.
  client.isRecording = false;
  let count = 0;
  client.onCommand = () => {
    count = host.calls.argumentCount();
    for (let i = 0; i < count; i += 997) assertEquals(host.argument(i), `${i}`);
    assertEquals(host.argument(count - 1), `${count - 1}`);
  };
  sendAll(client, multibulk(words), 10000);
  assertEquals(count, words.length);
  host.verifyEmpty();
});

Deno.test("whole commands wait until the client is resumed", async () => {
  const host = await loadParser(true);
  const { calls } = host;
  for (const filler of [10, 5000, 60000]) {
    const words = ["ECHO", "x".repeat(filler)];
    const client = new Client(host);
    client.offer(multibulk(["BLPOP"]) + multibulk(words) + "*1\r\n$4\r\nPI");
    assertEquals(calls.parseNext(), 1);
    client.suspend();
    // More bytes come while the client is blocked.
    client.offer("NG\r\n*1");
    client.suspend();
    calls.resumeInput(client.input);
    client.parse();
    assertCommands(client.commands, [words, ["PING"]]);
    assertEquals(calls.inputBytes(client.input), 2);
    client.send("\r\n$2\r\nOK\r\n");
    assertCommands(client.commands, [words, ["PING"], ["OK"]]);
    assertEquals(client.input, 0);
    host.verifyEmpty();
  }
});

Deno.test("another source can be parsed in between, even within another", async () => {
  const host = await loadParser(true);
  const { calls } = host;
  const queued = multibulk(["GET", "a"]) + multibulk(["GET", "b"]);
  const address = host.alloc(queued.length);
  host.write(address, queued);
  const exec = ["EXEC", "x".repeat(BIG)];
  const client = new Client(host);
  client.onCommand = () => {
    assertEquals(calls.pushArgument(address, 2), 2);
    assertEquals(calls.enterSource(address, queued.length), 0);
    assertEquals(calls.parseNext(), 1);
    assertEquals(host.command(), ["GET", "a"]);
    assertEquals(calls.pushArgument(address, 1), 2);
    assertEquals(calls.enterSource(address, queued.length), 0);
    assertEquals(parseAll(host), [["GET", "a"], ["GET", "b"]]);
    calls.leaveSource();
    assertEquals(host.command(), ["GET", "a"]);
    assertEquals(parseAll(host), [["GET", "b"]]);
    calls.leaveSource();
    assertEquals(host.argument(2), "*2");
    host.verifyParsing();
  };
  sendAll(client, multibulk(exec) + multibulk(exec), 10000);
  assertCommands(client.commands, [exec, exec]);
  calls.free(address);
  host.verifyEmpty();
});

Deno.test("pushed arguments follow the parsed ones until the next command", async () => {
  const host = await loadParser(true);
  const { calls } = host;
  const parsed = Array.from({ length: 1020 }, (_, i) => `${i}`);
  const client = new Client(host);
  client.offer(multibulk(parsed) + multibulk(["PING"]).repeat(2));
  assertEquals(calls.parseNext(), 1);
  const address = calls.argumentPtr(7) >>> 0;
  for (let i = 0; i < 20; i++) {
    assertEquals(calls.pushArgument(address, 1), 1020 + i);
  }
  assertEquals(calls.pushBlock(5), 1040);
  host.write(calls.argumentPtr(1040) >>> 0, "block");
  host.verifyParsing();
  assertEquals(calls.argumentCount(), 1020);
  assertEquals(host.command(), parsed);
  assertEquals(host.argument(1039), "7");
  assertEquals(host.takeText(1040), "block");
  for (let turn = 0; turn < 2; turn++) {
    assertEquals(calls.parseNext(), 1);
    assertEquals(host.command(), ["PING"]);
    assertEquals(calls.pushArgument(address, 1), 1);
  }
  client.suspend();
  host.verifyEmpty();
});

Deno.test("each broken invariant of an input is told by its number", async () => {
  const host = await loadParser(false);
  const { calls } = host;
  /** Breaks one word of an input and heals it again. */
  function broken(input: number, offset: number, value: number): number {
    const view = new DataView(calls.memory.buffer);
    const kept = view.getUint32(input + offset, true);
    view.setUint32(input + offset, value, true);
    const number = calls.verifyInput(input);
    view.setUint32(input + offset, kept, true);
    assertEquals(calls.verifyInput(input), 0);
    return number;
  }
  const [capacity, block, received] = [4, 8, 16];
  const [start, cursor, limit, table] = [20, 24, 28, 48];

  const partial = new Client(host);
  partial.send("*3\r\n$3\r\nSET\r\n$3\r\nke");
  assertEquals(broken(partial.input, start, 1000), 1);
  assertEquals(broken(partial.input, cursor, 1000), 1);
  assertEquals(broken(partial.input, limit, 1000), 1);
  assertEquals(broken(partial.input, capacity, 3), 1);
  assertEquals(broken(partial.input, block, 8), 3);
  assertEquals(broken(partial.input, table, 1024), 4);

  const idle = new Client(host);
  idle.send("*");
  const view = new DataView(calls.memory.buffer);
  view.setUint32(idle.input + limit, 0, true);
  assertEquals(calls.verifyInput(idle.input), 2);

  const receiving = new Client(host);
  receiving.send(`*1\r\n$${BIG}\r\nab`);
  assertEquals(broken(receiving.input, received, BIG * 2), 3);
  assertEquals(broken(receiving.input, 12, BIG * 2), 3);
});
