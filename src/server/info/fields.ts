/** The lines of one section of INFO, in order. */
export type Fields = readonly (readonly [
  name: string,
  value: string | number,
])[];

const UNITS = ["B", "K", "M", "G", "T", "P"];

/** Bytes as people read them: `894.88K`. */
export function humanBytes(byteCount: number): string {
  let unit = 0;
  let value = byteCount;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return (unit === 0 ? String(value) : value.toFixed(2)) + UNITS[unit];
}

/** Whole seconds between two moments in ms. */
export function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, Math.floor((toMs - fromMs) / 1000));
}

/** A name of INFO holds nothing that its lines are read by. */
export function safeName(name: string): string {
  return name.replace(/[#:\r\n]/g, "_");
}
