/** The mathematics of geo searches, for tests. */
import { Buffer } from "node:buffer";
import {
  type AllocatorExports,
  Instance,
  loadModules,
} from "../support/wasm.ts";

interface GeoExports extends AllocatorExports {
  encodePlace(longitude: number, latitude: number, step: number): bigint;
  longitudeOf(score: number): number;
  latitudeOf(score: number): number;
  writeGeohash(to: number, score: number): void;
  besideCell(cell: bigint, step: number, east: number, north: number): bigint;
  westOf(cell: bigint, step: number): number;
  southOf(cell: bigint, step: number): number;
  setCenter(longitude: number, latitude: number): void;
  setCircle(radius: number, unit: number): void;
  setBox(width: number, height: number, unit: number): void;
  distanceWithin(score: number): number;
  coverArea(): number;
  intervalStart(index: number): number;
  intervalEnd(index: number): number;
  formatDistance(to: number, distance: number): number;
  formatCoordinate(to: number, value: number): number;
}

const MODULES = ["allocator", "fixed", "geo_area", "geohash"];
const STEP_MAX = 26;

export async function loadGeo(debug: boolean): Promise<GeoHost> {
  return new GeoHost(await loadModules<GeoExports>(MODULES, { debug }));
}

export class GeoHost extends Instance<GeoExports> {
  readonly #room = this.alloc(64);

  /** The score of a place. */
  score(longitude: number, latitude: number): number {
    return Number(this.calls.encodePlace(longitude, latitude, STEP_MAX));
  }

  geohash(score: number): string {
    this.calls.writeGeohash(this.#room, score);
    return this.#text(11);
  }

  distance(meters: number): string {
    return this.#text(this.calls.formatDistance(this.#room, meters));
  }

  coordinate(value: number): string {
    return this.#text(this.calls.formatCoordinate(this.#room, value));
  }

  /** The intervals of scores that cover the area. */
  intervals(): [start: number, end: number][] {
    const { calls } = this;
    return Array.from(
      { length: calls.coverArea() },
      (_, i) => [calls.intervalStart(i), calls.intervalEnd(i)],
    );
  }

  #text(byteCount: number): string {
    return Buffer.from(this.bytes(this.#room, byteCount)).toString("latin1");
  }
}
