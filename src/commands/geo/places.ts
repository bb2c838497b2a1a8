/** What geo commands read of their arguments: coordinates and lengths. */
import { LATITUDE_MAX, LONGITUDE_MAX } from "../../keyspace/geo.ts";
import {
  geoHeight,
  geoPosition,
  geoRadius,
  geoRadiusNegative,
  geoSizeNegative,
  geoUnit,
  geoWidth,
  ReplyError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";

const METERS: readonly (readonly [unit: string, meters: number])[] = [
  ["M", 1],
  ["KM", 1000],
  ["FT", 0.3048],
  ["MI", 1609.34],
];

/** The manual's line for a unit. */
export function unitArgument(): Argument {
  const [first, ...more] = METERS.map(([unit]) => arg.token(unit));
  return arg.oneOf("unit", first, ...more);
}

/** How many meters the unit at an argument has. */
export function readUnit(call: Call, at: number): number {
  for (const [unit, meters] of METERS) if (call.is(at, unit)) return meters;
  throw geoUnit;
}

/** Longitude and latitude at an argument and the next. */
export function readPlace(
  call: Call,
  at: number,
): [longitude: number, latitude: number] {
  const longitude = call.double(at);
  const latitude = call.double(at + 1);
  if (
    Math.abs(longitude) > LONGITUDE_MAX || Math.abs(latitude) > LATITUDE_MAX
  ) throw geoPosition(longitude, latitude);
  return [longitude, latitude];
}

/** Radius and unit at an argument and the next become the area. */
export function readCircle(call: Call, at: number): void {
  const radius = readLength(call, at, geoRadius);
  if (radius < 0) throw geoRadiusNegative;
  call.db.geo.circle(radius, readUnit(call, at + 1));
}

/** Width, height and unit become the area. */
export function readBox(call: Call, at: number): void {
  const width = readLength(call, at, geoWidth);
  const height = readLength(call, at + 1, geoHeight);
  if (width < 0 || height < 0) throw geoSizeNegative;
  call.db.geo.box(width, height, readUnit(call, at + 2));
}

function readLength(call: Call, at: number, error: ReplyError): number {
  try {
    return call.double(at);
  } catch (thrown) {
    throw thrown instanceof ReplyError ? error : thrown;
  }
}
