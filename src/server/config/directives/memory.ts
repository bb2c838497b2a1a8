/** How much memory, what goes when it is full, and how values are encoded. */
import { boolean, choice, integer, memory } from "../directive.ts";
import { INT_MAX, INT_MIN, LONG_MAX, ULONG_MAX } from "../numbers.ts";

const ALWAYS_LAZY = "memory is always freed in slices";

export const memoryDirectives = {
  maxmemory: memory(0, 0, ULONG_MAX),
  "maxmemory-policy": choice(
    [
      "volatile-lru",
      "volatile-lfu",
      "volatile-random",
      "volatile-ttl",
      "allkeys-lru",
      "allkeys-lfu",
      "allkeys-random",
      "noeviction",
    ],
    "noeviction",
  ),
  "maxmemory-samples": integer(5, 1, INT_MAX),
  "maxmemory-eviction-tenacity": integer(10, 0, 100),
  "lfu-log-factor": integer(10, 0, INT_MAX),
  "lfu-decay-time": integer(1, 0, INT_MAX),
  "active-expire-effort": integer(1, 1, 10, {
    noEffect: "expiry is exact, there is no sampling to put effort into",
  }),
  activerehashing: boolean(true, {
    noEffect: "tables grow and shrink by a bucket at a time",
  }),
  "lazyfree-lazy-eviction": boolean(false, { noEffect: ALWAYS_LAZY }),
  "lazyfree-lazy-expire": boolean(false, { noEffect: ALWAYS_LAZY }),
  "lazyfree-lazy-server-del": boolean(false, { noEffect: ALWAYS_LAZY }),
  "lazyfree-lazy-user-del": boolean(false, { noEffect: ALWAYS_LAZY }),
  "lazyfree-lazy-user-flush": boolean(false, { noEffect: ALWAYS_LAZY }),
  "hash-max-listpack-entries": integer(512, 0, LONG_MAX, {
    alias: "hash-max-ziplist-entries",
  }),
  "hash-max-listpack-value": memory(64, 0, LONG_MAX, {
    alias: "hash-max-ziplist-value",
  }),
  "list-max-listpack-size": integer(-2, INT_MIN, INT_MAX, {
    alias: "list-max-ziplist-size",
  }),
  "list-compress-depth": integer(0, 0, INT_MAX),
  "set-max-intset-entries": integer(512, 0, LONG_MAX),
  "set-max-listpack-entries": integer(128, 0, LONG_MAX),
  "set-max-listpack-value": integer(64, 0, LONG_MAX),
  "zset-max-listpack-entries": integer(128, 0, LONG_MAX, {
    alias: "zset-max-ziplist-entries",
  }),
  "zset-max-listpack-value": memory(64, 0, LONG_MAX, {
    alias: "zset-max-ziplist-value",
  }),
  "hll-sparse-max-bytes": memory(3000, 0, LONG_MAX),
  "stream-node-max-bytes": memory(4096, 0, LONG_MAX),
  "stream-node-max-entries": integer(100, 0, LONG_MAX),
};
