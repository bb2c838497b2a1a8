/** EXPIRE and TTL with their families, and PERSIST. */
import { assertEquals } from "@std/assert";
import { START_MS, Talk } from "./talk.ts";

const NOT_INTEGER = "-ERR value is not an integer or out of range";
const LATER = START_MS + 100_000;

function arityError(name: string): string {
  return `-ERR wrong number of arguments for '${name}' command`;
}

Deno.test("EXPIRE and its family set the same point in time", () => {
  for (
    const line of [
      "EXPIRE k 100",
      "PEXPIRE k 100000",
      `EXPIREAT k ${LATER / 1000}`,
      `PEXPIREAT k ${LATER}`,
    ]
  ) {
    const talk = new Talk();
    assertEquals(talk.say(line), ":0");
    talk.say("SET k v");
    assertEquals(talk.learn(line), `expire:k@0 > PEXPIREAT k ${LATER}`);
    talk.assert([
      ["PTTL k", ":100000"],
      ["TTL k", ":100"],
      ["PEXPIRETIME k", `:${LATER}`],
      ["EXPIRETIME k", `:${LATER / 1000}`],
    ]);
    assertEquals(new Talk({ isObserved: false }).say(line), ":0");
  }
});

Deno.test("EXPIRE heeds its conditions", () => {
  const rows: [
    options: string,
    without: string,
    earlier: string,
    later: string,
  ][] = [
    ["", ":1", ":1", ":1"],
    ["NX", ":1", ":0", ":0"],
    ["xx", ":0", ":1", ":1"],
    ["GT", ":0", ":0", ":1"],
    ["Lt", ":1", ":1", ":0"],
    ["XX GT", ":0", ":0", ":1"],
    ["XX LT", ":0", ":1", ":0"],
    ["NX NX", ":1", ":0", ":0"],
  ];
  for (const [options, without, earlier, later] of rows) {
    const talk = new Talk();
    const line = `EXPIRE k 100 ${options}`.trimEnd();
    talk.assert([
      ["SET k v", "+OK"],
      [line, without],
      ["SET k v EX 200", "+OK"],
      [line, earlier],
      ["SET k v EX 50", "+OK"],
      [line, later],
    ]);
  }
});

Deno.test("an equal time is neither later nor earlier", () => {
  new Talk().assert([
    ["SET k v EX 100", "+OK"],
    ["EXPIRE k 100 GT", ":0"],
    ["EXPIRE k 100 LT", ":0"],
  ]);
});

Deno.test("EXPIRE refuses conditions that contradict each other", () => {
  const withNew =
    "-ERR NX and XX, GT or LT options at the same time are not compatible";
  const both = "-ERR GT and LT options at the same time are not compatible";
  new Talk().assert([
    ["EXPIRE k 100 NX XX", withNew],
    ["EXPIRE k 100 GT NX", withNew],
    ["EXPIRE k 100 NX LT", withNew],
    ["EXPIRE k 100 GT LT", both],
    ["EXPIRE k 100 XX LT GT", both],
    ["EXPIRE k abc NX XX", withNew],
    ["EXPIRE k 100 Wat", "-ERR Unsupported option Wat"],
    ["EXPIRE k 100 NX XX wat\0wat", "-ERR Unsupported option wat"],
    ["EXPIRE k 100 ''", "-ERR Unsupported option"],
    ["EXPIRE k abc", NOT_INTEGER],
    ["EXPIRE k", arityError("expire")],
  ]);
});

Deno.test("EXPIRE refuses a time that 64 bits do not hold, to the last one", () => {
  const most = 2n ** 63n - 1n, least = -(2n ** 63n);
  const now = BigInt(START_MS);
  const talk = new Talk();
  const limits: [name: string, most: bigint, least: bigint][] = [
    ["EXPIRE", (most - now) / 1000n, least / 1000n],
    ["PEXPIRE", most - now, least],
    ["EXPIREAT", most / 1000n, least / 1000n],
    ["PEXPIREAT", most, least],
  ];
  for (const [name, latest, earliest] of limits) {
    const invalid =
      `-ERR invalid expire time in '${name.toLowerCase()}' command`;
    const beyond = (time: bigint) =>
      time > most || time < least ? NOT_INTEGER : invalid;
    talk.assert([
      ["SET k v", "+OK"],
      [`${name} k ${latest + 1n}`, beyond(latest + 1n)],
      [`${name} k ${earliest - 1n}`, beyond(earliest - 1n)],
      ["TTL k", ":-1"],
      [`${name} k ${latest}`, ":1"],
      ["EXISTS k", ":1"],
      [`${name} k ${earliest}`, ":1"],
      ["EXISTS k", ":0"],
    ]);
  }
  talk.say("SET k v");
  assertEquals(
    talk.learn(`PEXPIREAT k ${most}`),
    `expire:k@0 > PEXPIREAT k ${most}`,
  );
  assertEquals(talk.say("PEXPIRETIME k"), `:${most}`);
});

Deno.test("a time that has passed deletes the key, if the conditions allow", () => {
  const talk = new Talk();
  for (
    const line of [
      "EXPIRE k 0",
      "EXPIRE k -1",
      "PEXPIRE k -9223372036854775808",
      `PEXPIREAT k ${START_MS}`,
      "EXPIREAT k 1 LT",
    ]
  ) {
    talk.say("SET k v EX 100");
    assertEquals(talk.learn(line), "del:k@0 > DEL k", line);
    assertEquals(talk.say("EXISTS k"), ":0");
    assertEquals(talk.say(line), ":0");
  }
  talk.say("SET k v EX 100");
  assertEquals(talk.learn("EXPIRE k -1 NX"), "");
  assertEquals(talk.learn("EXPIRE k -1 GT"), "");
  assertEquals(talk.say("TTL k"), ":100");
});

Deno.test("TTL rounds to the nearest second and tells what there is none of", () => {
  const talk = new Talk();
  const rows: [ms: number, seconds: number][] = [
    [1, 0],
    [499, 0],
    [500, 1],
    [1499, 1],
    [1500, 2],
    [100_000, 100],
  ];
  for (const [ms, seconds] of rows) {
    talk.assert([
      [`SET k v PX ${ms}`, "+OK"],
      ["TTL k", `:${seconds}`],
      ["PTTL k", `:${ms}`],
      ["EXPIRETIME k", `:${Math.floor((START_MS + ms + 500) / 1000)}`],
    ]);
  }
  for (const name of ["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]) {
    talk.assert([
      ["SET k v", "+OK"],
      [`${name} k`, ":-1"],
      [`${name} none`, ":-2"],
      [name, arityError(name.toLowerCase())],
    ]);
  }
});

Deno.test("a key is there at its last millisecond and gone after it", () => {
  const talk = new Talk();
  talk.say("SET k v PX 10");
  talk.nowMs += 10;
  assertEquals(talk.say("PTTL k"), ":0");
  assertEquals(talk.say("GET k"), "$1 v");
  talk.nowMs += 1;
  assertEquals(talk.say("PTTL k"), ":-2");
  assertEquals(talk.say("DBSIZE"), ":0");
});

Deno.test("PERSIST takes a time away once", () => {
  const talk = new Talk();
  talk.assert([
    ["PERSIST k", ":0"],
    ["SET k v", "+OK"],
    ["PERSIST k", ":0"],
    ["EXPIRE k 100", ":1"],
    ["PERSIST k", ":1"],
    ["TTL k", ":-1"],
    ["GET k", "$1 v"],
    ["PERSIST", arityError("persist")],
    ["EXPIRE k 100", ":1"],
  ]);
  talk.assertLearned([["PERSIST k", "persist:k@0 > PERSIST k"], [
    "PERSIST k",
    "",
  ]]);
});
