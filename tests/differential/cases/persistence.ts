/** SAVE, BGSAVE, LASTSAVE, BGREWRITEAOF, SHUTDOWN and DEBUG RELOAD. */

import { group, script } from "../script.ts";

export default group("persistence", [
  script("dumps are written at once, and words too many refused", (t) => {
    t.all("SET a 1", "SAVE", "save", "SAVE now", "SAVE a b");
    t.all("BGSAVE soon", "BGSAVE SCHEDULE now", "BGSAVE a b c");
    t.all("LASTSAVE now", "BGREWRITEAOF now", "BGREWRITEAOF a b");
  }),

  script("SHUTDOWN refuses what contradicts itself", (t) => {
    t.all("SHUTDOWN WAT", "SHUTDOWN SAVE NOSAVE", "SHUTDOWN NOSAVE NOW SAVE");
    t.all("SHUTDOWN ABORT", "SHUTDOWN ABORT NOW", "SHUTDOWN ABORT NOSAVE");
    t.all("SHUTDOWN ABORT WAT", "SHUTDOWN a b c d e");
  }),

  script("DEBUG RELOAD brings back what was there", (t) => {
    t.all("RPUSH l a b c", "SADD s 1 2 3", "HSET h a 1", "ZADD z 1.5 a");
    t.all("SET a x", "SET due x PX 100000000", "SELECT 3", "SET b y");
    t.all("DEBUG RELOAD", "GET b", "SELECT 0", "GET a", "LRANGE l 0 -1");
    t.all("SMISMEMBER s 1 2 3 4", "HGETALL h", "ZRANGE z 0 -1 WITHSCORES");
    t.all("PERSIST due", "PERSIST a", "DBSIZE");
    t.all("SET a later", "DEBUG RELOAD NOSAVE", "GET a", "PERSIST due");
    t.all("DEBUG RELOAD WAT", "DEBUG RELOAD NOSAVE WAT", "DBSIZE");
  }),
]);
