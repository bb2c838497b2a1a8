/**
 * What can happen to a key, as subscribers are told of it, and the class that
 * `notify-keyspace-events` names it by: g any type, $ strings, l lists, s sets,
 * h hashes, z sorted sets, x due, e evicted, n new keys, m keys that somebody
 * has missed. A name has one class, whichever command it comes from.
 */
export const EVENT_CLASSES = {
  del: "g",
  rename_from: "g",
  rename_to: "g",
  move_from: "g",
  move_to: "g",
  copy_to: "g",
  restore: "g",
  expire: "g",
  persist: "g",

  set: "$",
  setrange: "$",
  setbit: "$",
  append: "$",
  incrby: "$",
  incrbyfloat: "$",
  pfadd: "$",

  lpush: "l",
  rpush: "l",
  lpop: "l",
  rpop: "l",
  linsert: "l",
  lset: "l",
  lrem: "l",
  ltrim: "l",
  sortstore: "l",

  sadd: "s",
  srem: "s",
  spop: "s",
  sinterstore: "s",
  sunionstore: "s",
  sdiffstore: "s",

  hset: "h",
  hincrby: "h",
  hincrbyfloat: "h",
  hdel: "h",
  hexpire: "h",
  hpersist: "h",
  hexpired: "h",

  zadd: "z",
  zincr: "z",
  zrem: "z",
  zremrangebyscore: "z",
  zremrangebyrank: "z",
  zremrangebylex: "z",
  zpopmin: "z",
  zpopmax: "z",
  zrangestore: "z",
  zinterstore: "z",
  zunionstore: "z",
  zdiffstore: "z",
  geosearchstore: "z",
  georadiusstore: "z",

  expired: "x",
  evicted: "e",
  new: "n",
  keymiss: "m",
} as const;

export type EventName = keyof typeof EVENT_CLASSES;
