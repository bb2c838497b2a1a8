/**
 * Input under stress: clients that behave at random, and memory that runs out
 * wherever it can.
 */
import { assert, assertEquals } from "@std/assert";
import { OUT_OF_MEMORY } from "../../wasm/codes.ts";
import { multibulk } from "../protocol/frames.ts";
import { Random } from "../support/random.ts";
import {
  assertCommands,
  Client,
  type Host,
  loadParser,
  sendAll,
} from "./parser_host.ts";

const BIG = 32768;
const CHUNK = 65536;

/** Commands with arguments of all sizes and counts. */
function randomCommand(random: Random): string[] {
  const count = 1 + random.int(random.pick([3, 10, 10, 100, 2500]));
  const sizes = count > 100 ? [0, 12] : [0, 12, 120, 1200, 5000];
  const words = Array.from(
    { length: count },
    () =>
      String.fromCharCode(random.int(256)).repeat(
        random.int(random.pick(sizes) + 1),
      ),
  );
  if (random.chance(0.3)) {
    const length = random.pick([BIG - 1, BIG, BIG + 1, CHUNK, 200000]);
    words[random.int(count)] = "B".repeat(length);
  }
  return words;
}

Deno.test("clients that stop, wait, go on and vanish never disturb each other", async () => {
  for (const [seed, debug] of [[8001, true], [8002, false]] as const) {
    const host = await loadParser(debug);
    const random = new Random(seed);
    for (let round = 0; round < 60; round++) {
      const clients = Array.from(
        { length: 1 + random.int(4) },
        () => new RestlessClient(host, random),
      );
      let open = clients;
      while (open.length > 0) {
        const client = random.pick(open);
        client.turn();
        open = open.filter((client) => !client.isDone);
      }
      for (const client of clients) client.judge(`seed ${seed}, ${round}`);
      host.verifyEmpty(`seed ${seed}, round ${round}`);
    }
  }
});

/** Parses only as many commands a turn as it likes. */
class RestlessClient {
  readonly #client: Client;
  readonly #expected: string[][];
  readonly #text: string;
  readonly #vanishesAt: number;
  #at = 0;

  constructor(readonly host: Host, readonly random: Random) {
    this.#client = new Client(host);
    this.#expected = Array.from(
      { length: 1 + random.int(6) },
      () => randomCommand(random),
    );
    this.#text = this.#expected.map(multibulk).join("");
    this.#vanishesAt = random.chance(0.2) ? random.int(this.#text.length) : NaN;
  }

  get isDone(): boolean {
    const hasAll = this.#at >= this.#text.length && this.#client.input === 0;
    return hasAll || this.#at >= this.#vanishesAt;
  }

  turn(): void {
    const { calls } = this.host;
    const client = this.#client;
    const size = this.random.pick([10, 1000, 16384, 65536, 150000]);
    const chunk = this.#text.slice(this.#at, this.#at + size);
    if (chunk === "" || this.random.chance(0.2)) {
      calls.resumeInput(client.input);
    } else {
      this.#at += client.offer(chunk);
    }
    while (!this.random.chance(0.3) && calls.parseNext() === 1) {
      this.host.verifyParsing();
      client.commands.push(this.host.command());
    }
    client.suspend();
    if (this.#at >= this.#vanishesAt) client.close();
  }

  judge(context: string): void {
    const { commands } = this.#client;
    const expected = this.#expected.slice(0, commands.length);
    assertCommands(commands, expected, context);
    if (Number.isNaN(this.#vanishesAt)) {
      assertEquals(commands.length, this.#expected.length, context);
    }
  }
}

/** Passes through everything that allocates; false when memory ran out. */
function useMemory(host: Host, clients: Client[]): boolean {
  const words = Array.from({ length: 3000 }, (_, i) => `${i}`);
  const streams = [
    multibulk(words),
    multibulk(["SET", "k", "v".repeat(300000), "w".repeat(BIG)]),
    multibulk(Array.from({ length: 8 }, () => "b".repeat(BIG))),
    multibulk(words.slice(0, 1023).concat("x".repeat(BIG), "y".repeat(BIG))),
    "*3\r\n$3\r\nSET\r\n$3\r\nk",
  ];
  for (const [i, stream] of streams.entries()) {
    sendAll(clients[i], stream, 9000);
    if (clients[i].error !== null) return false;
    assertEquals(clients[i].commands.length, i === 4 ? 0 : 1);
  }
  const last = new Client(host);
  last.offer(multibulk(words.slice(0, 1024)).repeat(2));
  if (!useArguments(host)) return false;
  last.suspend();
  last.close();
  return last.error === null;
}

/** Nested sources, then a table that grows at each kind of push. */
function useArguments(host: Host): boolean {
  const { calls } = host;
  assertEquals(calls.parseNext(), 1);
  if (calls.enterSource(8, 0) < 0) return false;
  const isNested = calls.enterSource(8, 0) === 0;
  if (isNested) calls.leaveSource();
  calls.leaveSource();
  assertEquals(host.argument(1023), "1023");
  if (!isNested || calls.pushArgument(8, 1) < 0) return false;
  assertEquals(calls.parseNext(), 1);
  return calls.pushBlock(100) >= 0;
}

Deno.test("wherever memory runs out, nothing is lost but the client", async () => {
  const host = await loadParser(true);
  const { calls } = host;
  let failures = 0;
  for (let count = 0;; count++) {
    const clients = Array.from({ length: 5 }, () => new Client(host));
    calls.failAllocationsAfter(count);
    const isDone = useMemory(host, clients);
    calls.failAllocationsAfter(-1);
    if (isDone) break;
    failures++;
    for (const { error } of clients) {
      assert(error === null || error === OUT_OF_MEMORY);
    }
    for (const client of clients) client.close();
    calls.freeInput(0);
    host.verifyEmpty(`after ${count} allocations`);
  }
  assert(failures > 50, `${failures} failures`);
});

Deno.test("a full memory ends one client, and the next one is served", async () => {
  const host = await loadParser(false);
  const { calls } = host;
  calls.setCeiling(calls.memory.buffer.byteLength + 2 ** 20);
  const client = new Client(host);
  const message = multibulk(["SET", "k", "v".repeat(2 ** 26)]);
  sendAll(client, message, CHUNK);
  assertEquals(client.error, OUT_OF_MEMORY);
  host.verifyEmpty();
  const next = new Client(host);
  sendAll(next, multibulk(["SET", "k", "v".repeat(100000)]), CHUNK);
  assertEquals(next.commands.length, 1);
});
