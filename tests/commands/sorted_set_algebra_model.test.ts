/** The algebra of sorted sets against a model, over random inputs. */
import { assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import { Talk } from "./talk.ts";

const SEED = Number(Deno.env.get("SEED") ?? 20_261_121);
const ROUNDS = 25;
const LINES_A_ROUND = 60;
const KEYS = ["a", "b", "c", "d", "e", "none"];
const SCORES = [
  0,
  -1,
  1,
  1,
  2.5,
  0.1,
  0.2,
  1e300,
  -1e-300,
  Infinity,
  -Infinity,
];
const WEIGHTS = [1, 1, 2, -1, 0, 0.3, 1e10, Infinity, -Infinity];
const SIZES = [1, 3, 8, 9, 40, 400];

type Members = Map<string, number>;
type Aggregate = "SUM" | "MIN" | "MAX" | "COUNT";
type Model = Map<string, Members>;

Deno.test("unions, intersections and differences are those of a model", () => {
  const random = new Random(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    // Many look-ups in a listpack go another way than few.
    const smallMax = random.pick([8, 60]);
    const talk = new Talk({
      config: {
        "zset-max-listpack-entries": String(smallMax),
        "set-max-listpack-entries": String(smallMax),
        "set-max-intset-entries": String(smallMax),
      },
      isObserved: round % 2 === 0,
    });
    const model: Model = new Map();
    for (const key of KEYS.slice(0, -1)) fillKey(talk, model, random, key);
    for (let i = 0; i < LINES_A_ROUND; i++) {
      const context = `seed ${SEED}, round ${round}, line ${i}`;
      step(talk, model, random, smallMax, context);
    }
    talk.bench.verify();
  }
});

/** Makes a key a sorted set or a set of random members. */
function fillKey(talk: Talk, model: Model, random: Random, key: string) {
  const size = random.pick(SIZES);
  const isSet = random.int(3) === 0;
  const onlyNumbers = random.int(3) === 0;
  const members: Members = new Map();
  const words: string[] = [];
  for (let i = 0; i < size; i++) {
    const number = random.int(size * 2);
    const member = onlyNumbers || random.int(4) === 0
      ? String(number)
      : `m${number}${"x".repeat(random.int(20) === 0 ? 70 : 0)}`;
    const score = isSet ? 1 : random.pick(SCORES) * random.pick([1, 3, 7]);
    members.set(member, isNaN(score) ? 0 : score);
    if (!isSet) words.push(scoreText(isNaN(score) ? 0 : score));
    words.push(member);
  }
  talk.call("DEL", key);
  talk.call(isSet ? "SADD" : "ZADD", key, ...words);
  model.set(key, members);
}

function scoreText(score: number): string {
  return String(score).replace("Infinity", "inf");
}

function step(
  talk: Talk,
  model: Model,
  random: Random,
  smallMax: number,
  context: string,
): void {
  const operation = random.pick(["UNION", "INTER", "INTER", "DIFF"]);
  const keys = Array.from(
    { length: 1 + random.int(4) },
    () => random.pick(random.int(10) === 0 ? KEYS : KEYS.slice(0, -1)),
  );
  const aggregate: Aggregate = operation === "DIFF"
    ? "SUM"
    : random.pick(["SUM", "SUM", "MIN", "MAX", "COUNT"]);
  const weights = operation === "DIFF" || random.chance(0.5)
    ? null
    : keys.map(() => random.pick(WEIGHTS));
  const options = [
    ...(aggregate === "SUM" ? [] : ["AGGREGATE", aggregate]),
    ...(weights ? ["WEIGHTS", ...weights.map(scoreText)] : []),
  ];
  const inputs = keys.map((key, i) => ({
    members: model.get(key) ?? new Map<string, number>(),
    weight: weights?.[i] ?? 1,
  }));
  const expected = ranked(combined(operation, inputs, aggregate));
  const words = [String(keys.length), ...keys, ...options];
  const way = random.int(4);
  if (way === 0) {
    const to = random.pick(KEYS.slice(0, -1));
    const reply = talk.call(`Z${operation}STORE`, to, ...words);
    assertEquals(reply, `:${expected.length}`, `${context}: ${words}`);
    model.set(to, new Map(expected));
    const encoding = talk.call("OBJECT", "ENCODING", to);
    assertEquals(encoding, encodingOf(expected, smallMax), context);
    const stored = talk.call("ZRANGE", to, "0", "-1", "WITHSCORES");
    assertEquals(pairsOf(stored), expected, `${context}: ${words}`);
    if (expected.length === 0) fillKey(talk, model, random, to);
  } else if (way === 1 && operation === "INTER") {
    const reply = talk.call("ZINTERCARD", String(keys.length), ...keys);
    assertEquals(reply, `:${expected.length}`, `${context}: ${keys}`);
  } else {
    const reply = talk.call(`Z${operation}`, ...words, "WITHSCORES");
    assertEquals(pairsOf(reply), expected, `${context}: ${words}`);
  }
}

interface Input {
  members: Members;
  weight: number;
}

function combined(
  operation: string,
  inputs: Input[],
  aggregate: Aggregate,
): Members {
  const [first, ...others] = inputs;
  if (operation === "DIFF") {
    return new Map(
      [...first.members].filter(([member]) =>
        !others.some(({ members }) => members.has(member))
      ),
    );
  }
  // Redis goes from the smallest to the largest, which shows in sums.
  const sorted = inputs.toSorted((a, b) => a.members.size - b.members.size);
  const isUnion = operation === "UNION";
  const result: Members = new Map();
  for (const [place, { members, weight }] of sorted.entries()) {
    for (const [member, score] of members) {
      const product = aggregate === "COUNT" ? weight : weight * score;
      // Only what comes first, and all in a union, must be a number here.
      const isProved = isUnion || place === 0;
      const value = isProved && isNaN(product) ? 0 : product;
      const before = result.get(member);
      const isShared = sorted.every((one) => one.members.has(member));
      if (!isUnion && !isShared) continue;
      result.set(
        member,
        before === undefined ? value : aggregated(before, value, aggregate),
      );
    }
  }
  return result;
}

function aggregated(before: number, value: number, aggregate: Aggregate) {
  if (aggregate === "MIN") return value < before ? value : before;
  if (aggregate === "MAX") return value > before ? value : before;
  return isNaN(before + value) ? 0 : before + value;
}

function ranked(members: Members): [string, number][] {
  // 0 and its opposite are one score.
  return [...members].map(([member, score]): [string, number] => [
    member,
    score + 0,
  ]).sort(([a, x], [b, y]) => x < y ? -1 : x > y ? 1 : a < b ? -1 : 1);
}

function encodingOf(members: [string, number][], smallMax: number): string {
  if (members.length === 0) return "$-1";
  const isSmall = members.length <= smallMax &&
    members.every(([member]) => member.length <= 64);
  return isSmall ? "$8 listpack" : "$8 skiplist";
}

/** Members and scores of a flat reply whose words have no spaces. */
function pairsOf(reply: string): [string, number][] {
  const words = reply.split(" ").slice(1).filter((_, i) => i % 2 === 1);
  const pairs: [string, number][] = [];
  for (let i = 0; i < words.length; i += 2) {
    const score = words[i + 1].replace("inf", "Infinity");
    pairs.push([words[i], Number(score) + 0]);
  }
  return pairs;
}
