/** The geo commands: what others learn of a change, errors, large searches. */
import { assertEquals } from "@std/assert";
import { keysOf } from "../../src/commands/define/keys.ts";
import { georadius } from "../../src/commands/geo/georadius.ts";
import { geosearchstore } from "../../src/commands/geo/geosearch.ts";
import { Random } from "../support/random.ts";
import { Talk } from "./talk.ts";

const SICILY = "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 " +
  "Catania";

Deno.test("GEOADD is ZADD for those who learn of it", () => {
  new Talk().assertLearned([
    [
      SICILY,
      "zadd:g@0 > ZADD g 3479099956230698 Palermo 3479447370796909 Catania",
    ],
    [SICILY, ""],
    ["GEOADD g nx 1 1 Palermo", ""],
    ["GEOADD g XX CH 1 1 none", ""],
    [
      "GEOADD g ch xx 1 1 Catania",
      "zadd:g@0 > ZADD g ch xx " +
      "3377822707026402 Catania",
    ],
    ["GEOADD g 181 1 x", ""],
    ["GEOADD none XX 1 1 a", ""],
  ]);
});

Deno.test("searches that store make known what became of the key", () => {
  const talk = new Talk();
  talk.say(SICILY);
  const near = "GEOSEARCHSTORE to g FROMLONLAT 15 37";
  talk.assertLearned([
    [
      `${near} BYRADIUS 200 km`,
      `geosearchstore:to@0 > ${near} BYRADIUS 200 km`,
    ],
    [`${near} BYRADIUS 1 m`, `del:to@0 > ${near} BYRADIUS 1 m`],
    [`${near} BYRADIUS 1 m`, ""],
    [
      "GEORADIUS g 15 37 200 km STORE to",
      "georadiusstore:to@0 > GEORADIUS g 15 37 200 km STORE to",
    ],
    ["GEORADIUS g 15 37 200 km", ""],
    [
      "GEORADIUSBYMEMBER none a 1 m STORE to",
      "del:to@0 > " +
      "GEORADIUSBYMEMBER none a 1 m STORE to",
    ],
    ["GEOSEARCHSTORE to none FROMMEMBER a BYRADIUS 1 m", ""],
    ["GEOSEARCHSTORE to g FROMMEMBER none BYRADIUS 1 m", ""],
  ]);
});

Deno.test("a result can take the place of anything, its source too", () => {
  new Talk({ isObserved: false }).assert([
    [SICILY, ":2"],
    ["SET to x EX 100", "+OK"],
    ["GEOSEARCHSTORE to g FROMMEMBER Catania BYRADIUS 1 km STOREDIST", ":1"],
    ["ZRANGE to 0 -1 WITHSCORES", "*2 $7 Catania $1 0"],
    ["TTL to", ":-1"],
    ["GEOSEARCHSTORE g g FROMMEMBER Catania BYRADIUS 1 km", ":1"],
    ["ZRANGE g 0 -1 WITHSCORES", "*2 $7 Catania $16 3479447370796909"],
    ["GEOSEARCHSTORE g g FROMLONLAT 0 0 BYRADIUS 1 km", ":0"],
    ["EXISTS g", ":0"],
  ]);
});

Deno.test("members that are integers are found and stored as text", () => {
  const talk = new Talk();
  talk.assert([
    ["GEOADD g 1 1 7 1 1 -12 1 1 3 1 1 x", ":4"],
    ["GEOSEARCH g FROMMEMBER 7 BYRADIUS 1 m", "*4 $3 -12 $1 3 $1 7 $1 x"],
    ["GEOSEARCHSTORE to g FROMMEMBER 3 BYRADIUS 1 m", ":4"],
    ["ZRANGE to 0 -1", "*4 $3 -12 $1 3 $1 7 $1 x"],
    ["OBJECT ENCODING to", "$8 listpack"],
    ["GEOSEARCHSTORE to g FROMMEMBER 3 BYRADIUS 1 m STOREDIST", ":4"],
    ["ZRANGE to 0 -1", "*4 $3 -12 $1 3 $1 7 $1 x"],
  ]);
});

Deno.test("RESP3 has coordinates as doubles and distances as text", () => {
  const talk = new Talk();
  talk.say("HELLO 3");
  talk.assert([
    ["GEOADD g 0.5 0 a 180 0 b", ":2"],
    ["GEOPOS g b none", "*2 *2 ,180 ,0.00000126736058093 _"],
    ["GEOHASH g none", "*1 _"],
    ["GEODIST g a none", "_"],
    ["GEODIST g a a", "$6 0.0000"],
    [
      "GEOSEARCH g FROMMEMBER a BYRADIUS 1 m WITHDIST WITHCOORD",
      "*1 *3 $1 a $6 0.0000 *2 ,0.49999862909317017 ,0.00000126736058093",
    ],
  ]);
});

Deno.test("a place that is none is quoted as C prints it", () => {
  const pair = "-ERR invalid longitude,latitude pair";
  new Talk().assert([
    ["GEOADD g 181 0 a", `${pair} 181.000000,0.000000`],
    ["GEOADD g -0 -1e2 a", `${pair} -0.000000,-100.000000`],
    ["GEOADD g 1e23 inf a", `${pair} 99999999999999991611392.000000,inf`],
    ["GEOADD g -inf 1e-7 a", `${pair} -inf,0.000000`],
    ["GEOADD g 181.0078125 0 a", `${pair} 181.007812,0.000000`],
    ["GEOADD g 181.0234375 0 a", `${pair} 181.023438,0.000000`],
    ["GEOADD g 0 -90.0078125 a", `${pair} 0.000000,-90.007812`],
    ["GEOADD g 1 0x1p-1 a", ":1"],
  ]);
});

Deno.test("the key for a result is found wherever it stands", () => {
  const keys = (command: typeof georadius, line: string) => {
    const words = line.split(" ");
    const is = (i: number, option: string) => words[i].toUpperCase() === option;
    const face = { argc: words.length, latin1: (i: number) => words[i], is };
    return keysOf(command, face).map(({ index }) => words[index]).join(" ");
  };
  assertEquals(keys(georadius, "GEORADIUS g 1 2 3 km STORE to ASC"), "g to");
  assertEquals(keys(georadius, "GEORADIUS g 1 2 3 km ASC STOREDIST t"), "g t");
  assertEquals(keys(georadius, "GEORADIUS g 1 2 3 km ASC"), "g");
  const store = "GEOSEARCHSTORE to g FROMMEMBER a BYRADIUS 1 m";
  assertEquals(keys(geosearchstore, store), "to g");
});

/** Meters by the formula, nothing clever. */
function haversine(a: number[], b: number[]): number {
  const radians = (degrees: number) => degrees * Math.PI / 180;
  const u = Math.sin(radians(b[1] - a[1]) / 2);
  const v = Math.sin(radians(b[0] - a[0]) / 2);
  const w = Math.cos(radians(a[1])) * Math.cos(radians(b[1]));
  return 2 * 6372797.560856 * Math.asin(Math.sqrt(u * u + w * v * v));
}

/** The words of a flat reply of bulk strings. */
const wordsOf = (reply: string) =>
  reply.split(" ").filter((_, i) => i > 1 && i % 2 === 0);

for (const count of [100, 2000]) {
  Deno.test(`searches among ${count} members find what looking at each finds`, () => {
    const talk = new Talk({ isObserved: false });
    const random = new Random(7 + count);
    const near = (center: number, spread: number) =>
      center + (random.int(2 ** 32) / 2 ** 31 - 1) * spread;
    const places = Array.from(
      { length: count },
      () => [near(8, 5), near(47, 5)],
    );
    for (const [i, place] of places.entries()) {
      talk.call("GEOADD", "g", ...place.map(String), `m${i}`);
      // What is kept is the middle of a cell.
      const [, , , x, , y] = talk.say(`GEOPOS g m${i}`).split(" ");
      places[i] = [Number(x), Number(y)];
    }
    for (let round = 0; round < 60; round++) {
      const center = [near(8, 6), near(47, 6)];
      const radius = 10 ** (3 + random.int(30) / 10);
      const found = places
        .map((
          place,
          i,
        ): [string, number] => [`m${i}`, haversine(center, place)])
        .filter(([, distance]) => distance <= radius)
        .sort((a, b) => a[1] - b[1])
        .map(([name]) => name);
      const search = ["GEOSEARCH", "g", "FROMLONLAT", ...center.map(String)];
      search.push("BYRADIUS", String(radius), "m");
      const say = (...more: string[]) => wordsOf(talk.call(...search, ...more));
      const context = `seed ${random.seed}, round ${round}`;
      const some = 1 + random.int(20);
      assertEquals(say("ASC"), found, context);
      assertEquals(say("DESC"), found.toReversed(), context);
      assertEquals(say("COUNT", `${some}`), found.slice(0, some), context);
      assertEquals(
        say("DESC", "COUNT", `${some}`),
        found.toReversed().slice(0, some),
        context,
      );
      assertEquals(say().sort(), found.toSorted(), context);
      const any = say("COUNT", `${some}`, "ANY");
      assertEquals(any.length, Math.min(some, found.length), context);
      assertEquals(new Set(found).isSupersetOf(new Set(any)), true, context);
    }
    talk.bench.verify();
  });
}
