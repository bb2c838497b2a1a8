// Commands that `run` executes without coming back, as the table marks them.

export const HOT_PING = 1;
export const HOT_GET = 2;
export const HOT_SET = 3;
export const HOT_INCR = 4;
export const HOT_MSET = 5;
export const HOT_LPUSH = 6;
export const HOT_RPUSH = 7;
export const HOT_LPOP = 8;
export const HOT_RPOP = 9;
export const HOT_SADD = 10;
export const HOT_SPOP = 11;
export const HOT_HSET = 12;
export const HOT_HGET = 13;
export const HOT_ZADD = 14;
export const HOT_ZPOPMIN = 15;
export const HOT_PFADD = 16;
export const HOT_PFCOUNT = 17;
export const HOT_BLPOP = 18;
export const HOT_BRPOP = 19;
