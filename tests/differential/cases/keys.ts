/** Commands that work on keys of any type. */

import { group, script } from "../script.ts";

/** Names that the patterns below tell apart. */
const patternedKeys = [
  "a",
  "b",
  "ab",
  "abc",
  "abd",
  "acb",
  "hello",
  "hallo",
  "hxllo",
  "hllo",
  "heello",
  "h*llo",
  "h?llo",
  "h[llo",
  "h]llo",
  "h\\llo",
  "h^llo",
  "h-llo",
  "[abc]",
  "key:1",
  "key:10",
  "key:a",
  "KEY:A",
  "",
  "-",
  "]",
  "\xff\xfe",
  "two words",
];

const patterns = [
  "*",
  "**",
  "?",
  "??",
  "a*",
  "*b",
  "*b*",
  "a?c",
  "h?llo",
  "h*llo",
  "h**llo",
  "h[ae]llo",
  "h[^e]llo",
  "h[^ae]llo",
  "h[a-e]llo",
  "h[e-a]llo",
  "h[a-]llo",
  "h[-a]llo",
  "h[]llo",
  "h[]]llo",
  "h[\\]]llo",
  "h[[]llo",
  "h[^]llo",
  "h[\\^x]llo",
  "h[x^]llo",
  "h[a\\-z]llo",
  "h\\*llo",
  "h\\?llo",
  "h\\[llo",
  "h\\\\llo",
  "\\[abc\\]",
  "[[]abc]",
  "[a",
  "[abc",
  "[a-",
  "[",
  "[]",
  "[^",
  "[^]",
  "]",
  "-",
  "\\",
  "a\\",
  "\\a",
  "abc\\",
  "key:[0-9]",
  "key:[0-9]*",
  "key:?",
  "key:??",
  "KEY:*",
  "key:[A-Z]",
  "[kK][eE][yY]:*",
  "\xff*",
  "[\xf0-\xff]*",
  "*\xfe",
  "* *",
  "",
  "*a*b*c*",
  "*****c",
  "a*b*c*d",
];

export default group("keys", [
  script("KEYS with a table of patterns", (t) => {
    for (const key of patternedKeys) t.run("SET", key, "v");
    for (const pattern of patterns) t.unordered("KEYS", pattern);
    t.all("KEYS nothing*", "KEYS", "KEYS a b");
  }),

  script("DEL, UNLINK, EXISTS and TOUCH count their keys", (t) => {
    for (const command of ["DEL", "UNLINK", "EXISTS", "TOUCH"]) {
      t.all("MSET a 1 b 2 c 3", `${command} a`, `${command} a b missing`);
      t.all(`${command} c c c`, `${command} missing`, command, "DBSIZE");
    }
  }),

  script("TYPE names the type", (t) => {
    t.all("TYPE k", "SET k v", "TYPE k", "SETBIT b 1 1", "TYPE b", "INCR n");
    t.all("TYPE n", "TYPE", "TYPE a b");
  }),

  script("DBSIZE and RANDOMKEY", (t) => {
    t.all("DBSIZE", "RANDOMKEY", "SET only v", "RANDOMKEY", "DBSIZE");
    t.all("SET more v", "DBSIZE", "DBSIZE x", "RANDOMKEY x");
    t.sameShape("RANDOMKEY");
  }),

  script("RENAME moves value and expiry", (t) => {
    t.all("RENAME a b", "SET a v", "RENAME a b", "EXISTS a", "GET b");
    t.all("EXPIREAT b 4102444800", "SET c old", "RENAME b c", "GET c");
    t.all("EXPIRETIME c", "SET d v", "RENAME d c", "TTL c", "DBSIZE");
    t.all("RENAME c c", "GET c", "RENAME none none", "RENAME", "RENAME a");
    t.all("RENAME a b c");
  }),

  script("RENAMENX moves only to a free name", (t) => {
    t.all("RENAMENX a b", "SET a v", "RENAMENX a b", "EXISTS a", "SET a w");
    t.all("RENAMENX a b", "GET a", "GET b", "RENAMENX a a", "RENAMENX none a");
    t.all("RENAMENX none none", "RENAMENX", "RENAMENX a", "RENAMENX a b c");
    t.all("EXPIREAT a 4102444800", "RENAMENX a fresh", "EXPIRETIME fresh");
  }),

  script("COPY copies value and expiry", (t) => {
    t.all("COPY a b", "SET a v EXAT 4102444800", "COPY a b", "MGET a b");
    t.all("EXPIRETIME b", "SET a w", "COPY a b", "GET b", "COPY a b REPLACE");
    t.all("GET b", "TTL b", "COPY a b replace REPLACE", "APPEND a x", "GET b");
    t.all("SET n 12", "COPY n m", "OBJECT ENCODING m", "INCR m", "GET n");
    t.all("COPY a a", "COPY a a REPLACE", "COPY a b DB 0", "COPY none a");
  }),

  script("COPY into another database", (t) => {
    t.all("SET a v", "COPY a a DB 9", "COPY a a DB 9", "COPY a b DB 9 REPLACE");
    t.all("COPY a a REPLACE DB 9", "COPY a a DB 0 REPLACE", "SELECT 9");
    t.unordered("KEYS *");
    t.all("GET a", "COPY a a DB 9", "COPY a new DB 0", "SELECT 0", "GET new");
    t.all("COPY a b DB 1 DB 2", "SELECT 2", "GET b", "SELECT 1", "EXISTS b");
  }),

  script("COPY refuses what it does not know", (t) => {
    t.all("SET a v", "COPY", "COPY a", "COPY a b WAT", "COPY a b DB");
    t.all("COPY a b DB abc", "COPY a b DB -1", "COPY a b DB 16");
    t.all("COPY a b DB 99999999999999999999", "COPY a b REPLACE WAT");
    t.all("COPY a b DB 1.5", "COPY none b DB 16", "COPY a a DB 0", "EXISTS b");
  }),

  script("MOVE takes a key to another database", (t) => {
    t.all("MOVE a 1", "SET a v EXAT 4102444800", "MOVE a 1", "EXISTS a");
    t.all("SET a w", "MOVE a 1", "GET a", "SELECT 1", "GET a", "EXPIRETIME a");
    t.all("SELECT 0", "MOVE a 0", "MOVE a 16", "MOVE a -1", "MOVE a abc");
    t.all("MOVE none 0", "MOVE none 99", "MOVE a ''", "MOVE", "MOVE a");
    t.all("MOVE a 1 2", "GET a");
  }),

  script("OBJECT ENCODING and REFCOUNT of strings", (t) => {
    t.all("OBJECT ENCODING none", "OBJECT REFCOUNT none", "SET k hello");
    t.all("OBJECT ENCODING k", "OBJECT REFCOUNT k", "SET big 123456789");
    t.all("OBJECT ENCODING big", "OBJECT REFCOUNT big", "object encoding big");
    t.run("SET raw", "r".repeat(100));
    t.all("OBJECT ENCODING raw", "OBJECT REFCOUNT raw");
  }),

  script("OBJECT REFCOUNT of small numbers, which Redis shares", (t) => {
    for (const value of ["0", "1", "9999", "10000", "-1"]) {
      t.all(
        `SET k ${value}`,
        "OBJECT REFCOUNT k",
        "INCR k",
        "OBJECT REFCOUNT k",
      );
    }
  }),

  script("OBJECT IDLETIME and FREQ", (t) => {
    t.all("SET k v", "OBJECT FREQ k", "OBJECT FREQ none");
    t.approximate(2, "OBJECT IDLETIME k");
    t.run("OBJECT IDLETIME none");
  }),

  script("OBJECT refuses what it does not know, and explains itself", (t) => {
    t.ignore("HELP is in our own words", "OBJECT HELP");
    t.all("OBJECT", "OBJECT WAT", "OBJECT WAT k", "OBJECT ENCODING");
    t.all(
      "OBJECT ENCODING a b",
      "OBJECT REFCOUNT",
      "OBJECT FREQ",
    );
    t.all("OBJECT IDLETIME", "OBJECT HELP x", "OBJECT ''");
  }),
]);
