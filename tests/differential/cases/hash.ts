/** Hashes: fields, numbers in fields, walks, in both encodings. */

import { group, script, type Teller } from "../script.ts";

/** Fields enough for a table, as short words. */
function fill(t: Teller, key: string, count: number): void {
  const pairs = Array.from({ length: count }, (_, n) => `f${n} v${n}`);
  t.run(`HSET ${key} ${pairs.join(" ")}`);
}

const wrongType = [
  "HSET s f v",
  "HSET s f v g w",
  "HMSET s f v",
  "HSETNX s f v",
  "HGET s f",
  "HMGET s f g",
  "HGETALL s",
  "HKEYS s",
  "HVALS s",
  "HLEN s",
  "HEXISTS s f",
  "HDEL s f",
  "HSTRLEN s f",
  "HINCRBY s f 1",
  "HINCRBYFLOAT s f 1",
  "HRANDFIELD s",
  "HRANDFIELD s 1",
  "HRANDFIELD s 0",
  "HSCAN s 0",
];

export default group("hash", [
  script("HSET and its kind store, and count what is new", (t) => {
    t.all(
      "HSET h a 1",
      "HSET h a 2 b 3",
      "HSET h a 2 a 4 c 5 c 6",
      "HGETALL h",
      "HMSET h d 7 a 8",
      "HMSET h e 9",
      "hmset h e 10",
      "HSETNX h f 1",
      "HSETNX h f 2",
      "HSETNX new f 2",
      "HGETALL h",
      "HGETALL new",
      "HSET h '' empty",
      "HGET h ''",
      "HSET h blank ''",
      "HGET h blank",
      "HLEN h",
      "TYPE h",
      "OBJECT ENCODING h",
      "OBJECT REFCOUNT h",
    );
  }),

  script("HGET and its kind read", (t) => {
    t.all(
      "HGET none f",
      "HMGET none f g",
      "HGETALL none",
      "HKEYS none",
      "HVALS none",
      "HLEN none",
      "HEXISTS none f",
      "HSTRLEN none f",
      "HSET h a 1 b -2 c text d 9223372036854775807 e 9223372036854775808",
      "HGET h a",
      "HGET h x",
      "HMGET h a x b a",
      "HGETALL h",
      "HKEYS h",
      "HVALS h",
      "HLEN h",
      "HEXISTS h a",
      "HEXISTS h x",
      "HSTRLEN h a",
      "HSTRLEN h b",
      "HSTRLEN h c",
      "HSTRLEN h d",
      "HSTRLEN h e",
      "HSTRLEN h x",
      "HSET h 1 one 01 zero-one -0 minus 1.0 point",
      "HGET h 1",
      "HGET h 01",
      "HGET h -0",
      "HGET h 1.0",
    );
  }),

  script("HDEL takes fields out, and the key with the last one", (t) => {
    t.all(
      "HDEL none f",
      "HSET h a 1 b 2 c 3",
      "HDEL h a a x",
      "HGETALL h",
      "HDEL h x",
      "HDEL h b c d",
      "EXISTS h",
      "HDEL h b",
    );
  }),

  script("HINCRBY adds in 64 bits", (t) => {
    t.all(
      "HINCRBY h f 5",
      "HINCRBY h f -7",
      "HGET h f",
      "HSET h max 9223372036854775807 min -9223372036854775808 text abc",
      "HINCRBY h max 1",
      "HINCRBY h min -1",
      "HINCRBY h max -1",
      "HINCRBY h min 1",
      "HINCRBY h text 1",
    );
    for (
      const value of ["' 1'", "'1 '", "01", "+1", "1.5", "''", "1e3", "abc"]
    ) {
      t.all(`HSET h v ${value}`, "HINCRBY h v 1", `HINCRBY h n ${value}`);
    }
    t.all("HINCRBY h n 9223372036854775808", "HINCRBY h n", "HGETALL h");
  }),

  script("HINCRBYFLOAT adds as long doubles do", (t) => {
    for (
      const [value, increment] of [
        ["10", "0.1"],
        ["10.50", "0.1"],
        ["5.0e3", "2.0e2"],
        ["0.1", "0.2"],
        ["3.0", "1.000000000000000005"],
        ["-1.5", "1.5"],
        ["31.9999999999999", "-0.0000000000001"],
        ["100.1", "0.2"],
        ["123456789012345", "1"],
        ["9007199254740993", "1"],
        ["1e17", "1"],
        ["0x10", "1"],
        ["1.", "0"],
        [".5", "0"],
        ["00012.5000", "-0"],
      ]
    ) {
      t.all(`HSET h f ${value}`, `HINCRBYFLOAT h f ${increment}`, "HGET h f");
    }
    t.all("HINCRBYFLOAT new f 1.5", "HINCRBYFLOAT new g 2", "HGETALL new");
    for (const bad of ["abc", "''", "' 1'", "'1 '", "nan", "1e", "1e5000"]) {
      t.all(`HSET h v ${bad}`, "HINCRBYFLOAT h v 1", `HINCRBYFLOAT h n ${bad}`);
    }
    t.all(
      "HINCRBYFLOAT h n inf",
      "HINCRBYFLOAT h n -inf",
      "HSET h v inf",
      "HINCRBYFLOAT h v 1",
    );
  }),

  script("a hash becomes a table at its limits", (t) => {
    t.all(
      "CONFIG SET hash-max-listpack-entries 4 hash-max-listpack-value 8",
      "HSET h a 1 b 2 c 3 d 4",
      "OBJECT ENCODING h",
      "HSET h a 12345678",
      "OBJECT ENCODING h",
      "HSET h e 5",
      "OBJECT ENCODING h",
      "HDEL h e d c b",
      "OBJECT ENCODING h",
      "HSET v a 123456789",
      "OBJECT ENCODING v",
      "HSET n 123456789 a",
      "OBJECT ENCODING n",
      "HSET five a 1 a 2 a 3 a 4 a 5",
    );
    t.differs(
      "7.2 looks at the number of pairs before it stores them",
      "$9\r\nhashtable\r\n",
      "OBJECT ENCODING five",
    );
    t.all(
      "HINCRBY i f 1234567890123",
      "OBJECT ENCODING i",
      "HSETNX x f 123456789",
      "OBJECT ENCODING x",
      "CONFIG SET hash-max-listpack-entries 0",
      "HSET zero a 1",
      "OBJECT ENCODING zero",
      "CONFIG SET hash-max-listpack-entries 128 hash-max-listpack-value 64",
    );
  }),

  script("a table does what a listpack does", (t) => {
    t.run("CONFIG SET hash-max-listpack-entries 2");
    fill(t, "h", 50);
    t.all("OBJECT ENCODING h", "HLEN h");
    t.unordered("HGETALL h");
    t.unordered("HKEYS h");
    t.unordered("HVALS h");
    t.all(
      "HGET h f7",
      "HMGET h f7 x f49",
      "HSET h f7 new x 1",
      "HSETNX h f7 old",
      "HEXISTS h x",
      "HSTRLEN h f7",
      "HINCRBY h x 41",
      "HINCRBYFLOAT h x 0.5",
      "HINCRBY h f7 1",
      "HSET h f8 a-value-that-is-much-longer-than-the-one-before-it",
      "HGET h f8",
      "HDEL h f7 f8 f9 none",
      "HLEN h",
      "COPY h copy",
    );
    t.unordered("HGETALL copy");
    t.all("RENAME copy other", "HLEN other", "DEL h", "EXISTS h");
    t.run("CONFIG SET hash-max-listpack-entries 128");
  }),

  script("HRANDFIELD draws", (t) => {
    t.all(
      "HRANDFIELD none",
      "HRANDFIELD none 3",
      "HRANDFIELD none -3 WITHVALUES",
      "HSET one f v",
      "HRANDFIELD one",
      "HRANDFIELD one 1",
      "HRANDFIELD one 0",
      "HRANDFIELD one 0 WITHVALUES",
      "HRANDFIELD one 5",
      "HRANDFIELD one 5 WITHVALUES",
      "HRANDFIELD one -3",
      "HRANDFIELD one -3 withvalues",
      "HSET h a 1 b 2 c 3",
    );
    t.unordered("HRANDFIELD h 3");
    t.unordered("HRANDFIELD h 10 WITHVALUES");
    t.sameShape("HRANDFIELD h 2");
    t.sameShape("HRANDFIELD h 2 WITHVALUES");
    t.sameShape("HRANDFIELD h -7 WITHVALUES");
    t.run("CONFIG SET hash-max-listpack-entries 2");
    fill(t, "big", 40);
    t.unordered("HRANDFIELD big 40");
    t.unordered("HRANDFIELD big 99 WITHVALUES");
    t.sameShape("HRANDFIELD big");
    t.sameShape("HRANDFIELD big 3");
    t.sameShape("HRANDFIELD big 30 WITHVALUES");
    t.sameShape("HRANDFIELD big -50 WITHVALUES");
    t.all(
      "CONFIG SET hash-max-listpack-entries 128",
      "HRANDFIELD h x",
      "HRANDFIELD h 1 x",
      "HRANDFIELD h 1 WITHVALUES x",
      "HRANDFIELD h -9223372036854775808",
      "HRANDFIELD h 9223372036854775808",
      "HRANDFIELD h 4611686018427387904 WITHVALUES",
      "HRANDFIELD h -4611686018427387904 WITHVALUES",
    );
  }),

  script("HSCAN walks", (t) => {
    t.all(
      "HSCAN none 0",
      "HSCAN none 0 WAT",
      "HSCAN none abc",
      "HSET h a 1 b 2 c 3 12 x",
      "HSCAN h 0",
      "HSCAN h 0 COUNT 1",
      "HSCAN h 0 MATCH b*",
      "HSCAN h 0 MATCH 1?",
      "HSCAN h 0 MATCH *",
      "HSCAN h 77",
      "hscan h 0 match none count 5",
      "HSCAN h 0 COUNT 0",
      "HSCAN h 0 COUNT -1",
      "HSCAN h 0 COUNT x",
      "HSCAN h 0 COUNT",
      "HSCAN h 0 MATCH",
      "HSCAN h 0 WAT",
      "HSCAN h 0 TYPE hash",
      "CONFIG SET hash-max-listpack-entries 2",
    );
    fill(t, "big", 20);
    t.run("HSCAN big 0 COUNT 1000 MATCH f1");
    t.unordered("HSCAN big 0 COUNT 1000 MATCH none*");
    t.run("CONFIG SET hash-max-listpack-entries 128");
  }),

  script("a key of another type is refused", (t) => {
    t.run("SET s string");
    t.all(...wrongType);
    t.all("HSET h f v", "GET h", "APPEND h x", "INCR h", "SETRANGE h 0 x");
    t.all("HINCRBY s f abc", "HINCRBYFLOAT s f abc", "HSCAN s abc");
    t.all("SET h string", "GET h", "HGET h f");
  }),

  script("arity", (t) => {
    t.all(
      "HSET h",
      "HSET h f",
      "HSET h f v g",
      "HMSET h f v g",
      "HMSET h",
      "HSETNX h f",
      "HGET h",
      "HMGET h",
      "HGETALL",
      "HLEN h x",
      "HDEL h",
      "HINCRBY h f",
      "HINCRBYFLOAT h f 1 2",
      "HRANDFIELD",
      "HSCAN h",
    );
  }),

  script("keys with hashes are moved, copied and expire", (t) => {
    t.all(
      "HSET h a 1 b 2",
      "COPY h c",
      "HSET c a other",
      "HGETALL h",
      "HGETALL c",
      "RENAME h r",
      "HGETALL r",
      "MOVE r 3",
      "EXISTS r",
      "SELECT 3",
      "HGETALL r",
      "EXPIRE r 100",
      "HSET r c 3",
      "TTL r",
      "HDEL r a b c",
      "TTL r",
      "HSET p a 1",
      "PEXPIREAT p 1",
      "HGETALL p",
      "SELECT 0",
    );
  }),
]);
