import { assert, assertEquals } from "@std/assert";
import { FlippingProxy } from "../differential/flipping_proxy.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { startKeysaur } from "../support/server.ts";
import { fuzz, type FuzzReport } from "./fuzzer.ts";
import { readRequests, splitInline } from "./oracle.ts";

const seed = 20_240_102;
const gateFrames = 20_000;
const promptMs = 2000;
const memoryToleranceBytes = 1024 * 1024;

function assertHealthy(report: FuzzReport): void {
  assertEquals(report.failures, [], `seed ${seed}`);
  assert(report.protocolErrorCount > 100, "few frames were broken");
  assert(
    report.slowestAnswerMs < promptMs,
    `the healthy connection waited ${report.slowestAnswerMs} ms`,
  );
  assert(
    report.memoryGrowthBytes < memoryToleranceBytes,
    `used_memory grew by ${report.memoryGrowthBytes} bytes`,
  );
}

Deno.test("Keysaur survives hostile frames and answers each as Redis", async () => {
  await using keysaur = await startKeysaur();
  assertHealthy(
    await fuzz({ port: keysaur.port, frameCount: gateFrames, seed }),
  );
});

Deno.test({
  name: "The oracle of the fuzzer knows what redis-server answers",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis();
    assertHealthy(await fuzz({ port: real.port, frameCount: 5000, seed }));
  },
});

Deno.test({
  name: "The fuzzer notices a server that words one error differently",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis();
    const change = (text: string) =>
      text.replaceAll("expected '$'", "expected '!'");
    await using proxy = new FlippingProxy(real.port, change);
    const report = await fuzz({ port: proxy.port, frameCount: 2000, seed });
    assert(report.failures.length > 0, "the difference was not noticed");
  },
});

Deno.test("The oracle reads whole, broken and unfinished requests", () => {
  assertEquals(readRequests("*1\r\n$4\r\nPING\r\nECHO a\n"), {
    commands: [["PING"], ["ECHO", "a"]],
    ending: { kind: "ready" },
  });
  assertEquals(readRequests("*1\r\n$4\r\nPIN").ending, { kind: "waiting" });
  assertEquals(readRequests("*0\r\n*-1\r\n\r\n"), {
    commands: [],
    ending: { kind: "ready" },
  });
  assertEquals(readRequests("*1\r\n:1\r\n").ending, {
    kind: "error",
    text: "ERR Protocol error: expected '$', got ':'",
  });
  assertEquals(readRequests("PING\nPost / x\n"), {
    commands: [["PING"]],
    ending: { kind: "dropped" },
  });
});

Deno.test("The oracle splits inline requests at spaces and quotes", () => {
  assertEquals(splitInline(' a  "b c"\t\'d\\\'e\' "\\x41\\n\\q" '), [
    "a",
    "b c",
    "d'e",
    "A\nq",
  ]);
  assertEquals(splitInline('pre"fix" ""'), ["prefix", ""]);
  for (const broken of ['"', "'", '"a"b', "'a'b", '"\\"']) {
    assertEquals(splitInline(broken), null, broken);
  }
});
