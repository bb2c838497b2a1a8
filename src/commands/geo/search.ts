/**
 * What the geo searches have in common: their options, and replying or storing
 * what was found. Options come in any order, and Redis reads them in one pass
 * while it looks at the key, so the first mistake decides about the error.
 */
import {
  GEO_AS_FOUND,
  GEO_FARTHEST,
  GEO_NEAREST,
  GEO_WITH_DISTANCE,
  GEO_WITH_HASH,
  GEO_WITH_POSITION,
} from "../../keyspace/geo.ts";
import {
  geoAnyNeedsCount,
  geoCount,
  geoNoCenter,
  geoNoMember,
  geoNoShape,
  geoStoreOnly,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { readBox, readCircle, readPlace } from "./places.ts";

/** What a command of the family can do. */
export interface SearchKind {
  /** Where options begin. */
  readonly optionsAt: number;
  /** STORE and STOREDIST name a key. */
  readonly canStore?: boolean;
  /** The options tell center and shape (GEOSEARCH). */
  readonly namesArea?: boolean;
  /** The key for the result is the first argument. */
  readonly stores?: boolean;
}

class Options {
  /** The argument with the key that keeps the result, 0 without. */
  storeKey = 0;
  storesDistances = false;
  details = 0;
  order = GEO_AS_FOUND;
  /** 0 without a limit. */
  count = 0;
  any = false;
  center: "" | "member" | "place" = "";
  shape: "" | "circle" | "box" = "";
}

/** Runs a search, the key being open (`isThere`) and read up to the options. */
export function runSearch(
  call: Call,
  isThere: boolean,
  kind: SearchKind,
): void {
  const options = readOptions(call, isThere, kind);
  refuseMixtures(call, options, kind);
  const { geo } = call.db;
  const { storeKey, storesDistances, details, count, any } = options;
  if (!isThere) {
    if (storeKey > 0) storeNothing(call, storeKey);
    else call.reply.array(0);
    return;
  }
  // Only the nearest ones can be meant where a number is all that is said.
  const order = count > 0 && !any && options.order === GEO_AS_FOUND
    ? GEO_NEAREST
    : options.order;
  const found = geo.search(count > 0 ? count : Infinity, any, order);
  if (storeKey === 0) {
    geo.replyFound(details);
    return;
  }
  const event = kind.namesArea ? "geosearchstore" : "georadiusstore";
  if (geo.storeFound(storeKey, storesDistances)) {
    call.changed(storeKey, found > 0 ? event : "del");
  }
  call.reply.integer(found);
}

function storeNothing(call: Call, key: number): void {
  if (call.db.delete(key)) call.changed(key, "del");
  call.reply.integer(0);
}

function readOptions(call: Call, isThere: boolean, kind: SearchKind): Options {
  const options = new Options();
  if (kind.stores) options.storeKey = 1;
  for (let at = kind.optionsAt; at < call.argc;) {
    const taken = readCommon(call, at, options) ||
      (kind.canStore ? readStore(call, at, options) : 0) ||
      (kind.stores ? readStoreDistances(call, at, options) : 0) ||
      (kind.namesArea ? readArea(call, at, isThere, options) : 0);
    if (taken === 0) throw syntaxError;
    at += taken;
  }
  return options;
}

// Each of these reads an option and returns how many words it has, 0 when it is
// none of theirs.

function readCommon(call: Call, at: number, options: Options): number {
  if (call.is(at, "WITHDIST")) options.details |= GEO_WITH_DISTANCE;
  else if (call.is(at, "WITHHASH")) options.details |= GEO_WITH_HASH;
  else if (call.is(at, "WITHCOORD")) options.details |= GEO_WITH_POSITION;
  else if (call.is(at, "ANY")) options.any = true;
  else if (call.is(at, "ASC")) options.order = GEO_NEAREST;
  else if (call.is(at, "DESC")) options.order = GEO_FARTHEST;
  else if (call.is(at, "COUNT") && at + 1 < call.argc) {
    options.count = call.integer(at + 1);
    if (options.count <= 0) throw geoCount;
    return 2;
  } else return 0;
  return 1;
}

function readStore(call: Call, at: number, options: Options): number {
  const distances = call.is(at, "STOREDIST");
  if (!distances && !call.is(at, "STORE")) return 0;
  if (at + 1 >= call.argc) return 0;
  options.storeKey = at + 1;
  options.storesDistances = distances;
  return 2;
}

function readStoreDistances(call: Call, at: number, options: Options): number {
  if (!call.is(at, "STOREDIST")) return 0;
  options.storesDistances = true;
  return 1;
}

function readArea(
  call: Call,
  at: number,
  isThere: boolean,
  options: Options,
): number {
  const { geo } = call.db;
  const wordsLeft = call.argc - at - 1;
  const { center, shape } = options;
  if (call.is(at, "FROMMEMBER") && wordsLeft >= 1 && center !== "place") {
    if (isThere && !geo.centerOnMember(at + 1)) throw geoNoMember;
    options.center = "member";
    return 2;
  }
  if (call.is(at, "FROMLONLAT") && wordsLeft >= 2 && center !== "member") {
    geo.centerOn(...readPlace(call, at + 1));
    options.center = "place";
    return 3;
  }
  if (call.is(at, "BYRADIUS") && wordsLeft >= 2 && shape !== "box") {
    readCircle(call, at + 1);
    options.shape = "circle";
    return 3;
  }
  if (call.is(at, "BYBOX") && wordsLeft >= 3 && shape !== "circle") {
    readBox(call, at + 1);
    options.shape = "box";
    return 4;
  }
  return 0;
}

function refuseMixtures(call: Call, options: Options, kind: SearchKind): void {
  const { storeKey, details, center, shape, any, count } = options;
  if (storeKey > 0 && details !== 0) {
    throw geoStoreOnly(
      kind.stores ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS",
    );
  }
  if (kind.namesArea && center === "") throw geoNoCenter(call.latin1(0));
  if (kind.namesArea && shape === "") throw geoNoShape(call.latin1(0));
  if (any && count === 0) throw geoAnyNeedsCount;
}
