import { checked, MISSING } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Database } from "./database.ts";

export {
  GEO_AS_FOUND,
  GEO_FARTHEST,
  GEO_NEAREST,
  GEO_WITH_DISTANCE,
  GEO_WITH_HASH,
  GEO_WITH_POSITION,
  LATITUDE_MAX,
  LONGITUDE_MAX,
} from "../engine/codes.ts";

/**
 * A database's sorted sets as places on the globe. A key is opened first;
 * members, named by argument index, are those of the open key, and a missing
 * key has none. Units are meters. Conditions are thrown, and then nothing has
 * changed.
 */
export class Geo {
  readonly #calls: Engine["calls"];
  readonly #database: Database;

  constructor(engine: Engine, database: Database) {
    this.#calls = engine.calls;
    this.#database = database;
  }

  /** Opens a key until the next operation; false when it is missing. */
  open(key: number): boolean {
    const found = checked(this.#calls.openGeo(this.#database.handle, key));
    return found !== MISSING;
  }

  /** Replies with a member's longitude and latitude, or null. */
  position(member: number): void {
    this.#calls.replyPosition(member);
  }

  /** Replies with a member's geohash, or null. */
  geohash(member: number): void {
    this.#calls.replyGeohash(member);
  }

  /** Replies with the distance between two members, or null. */
  distance(member: number, other: number, unit: number): void {
    this.#calls.replyDistance(member, other, unit);
  }

  /**
   * Appends arguments as ZADD takes them, scores and members, for `count`
   * times longitude, latitude and member; returns the index of the first.
   */
  pushScores(first: number, count: number): number {
    return checked(this.#calls.pushScores(first, count));
  }

  // The area of a search.

  centerOn(longitude: number, latitude: number): void {
    this.#calls.setCenter(longitude, latitude);
  }

  /** False when there is no such member. */
  centerOnMember(member: number): boolean {
    return this.#calls.centerOnMember(member) === 1;
  }

  circle(radius: number, unit: number): void {
    this.#calls.setCircle(radius, unit);
  }

  box(width: number, height: number, unit: number): void {
    this.#calls.setBox(width, height, unit);
  }

  /**
   * Finds the members in the area, up to `countMax` of an order (GEO_...); with
   * `any`, the first ones that it meets. Returns how many. What was found must
   * be replied or stored next.
   */
  search(countMax: number, any: boolean, order: number): number {
    return checked(this.#calls.geoSearch(countMax, any ? 1 : 0, order));
  }

  /** Replies with what was found and such details (GEO_WITH_...). */
  replyFound(details: number): void {
    this.#calls.replyFound(details);
  }

  /**
   * Makes what was found the value of a key, with geohashes or distances in the
   * open area's unit as scores; nothing found removes the key. True when that
   * changed it.
   */
  storeFound(key: number, distances: boolean): boolean {
    const { handle } = this.#database;
    return checked(
      this.#calls.storeFound(handle, key, distances ? 1 : 0),
    ) === 1;
  }
}
