/**
 * Operations that the engine executes within its batch loop. A command whose
 * definition names one is executed there whenever nothing about its client or
 * the server stands against it.
 */
export {
  HOT_GET,
  HOT_HGET,
  HOT_HSET,
  HOT_INCR,
  HOT_LPOP,
  HOT_LPUSH,
  HOT_MSET,
  HOT_PFADD,
  HOT_PFCOUNT,
  HOT_PING,
  HOT_RPOP,
  HOT_RPUSH,
  HOT_SADD,
  HOT_SET,
  HOT_SPOP,
  HOT_ZADD,
  HOT_ZPOPMIN,
} from "../engine/codes.ts";
