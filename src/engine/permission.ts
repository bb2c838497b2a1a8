/** Writes what a user may do where the batch loop looks: wasm/permission.ts. */
import {
  PERMISSION_EXACT,
  PERMISSION_GLOB,
  PERMISSION_OPERATIONS,
  PERMISSION_PREFIX,
} from "./codes.ts";
import type { Engine } from "./engine.ts";

/** Operations are bits of a word. */
export interface PermissionFacts {
  /** Operations that may have any key, or have none. */
  readonly withAnyKey: number;
  /** Patterns, one char per byte, and the operations that each is for. */
  readonly byPattern: ReadonlyMap<string, number>;
  /** For each operation how far its keys are apart, 0 if it has but one. */
  readonly keySteps: Uint8Array;
}

const HEADER_BYTES = 16 + PERMISSION_OPERATIONS;
const PATTERN_HEADER_BYTES = 12;
/** Who has more to compare is asked about in TypeScript. */
const PERMISSION_MAX_BYTES = 64 * 1024;

/** The address of a new permission, 0 when there is no memory for it. */
export function newPermission(engine: Engine, facts: PermissionFacts): number {
  const bytes = encode(facts);
  const address = engine.calls.permissionNew(bytes.length) >>> 0;
  if (address !== 0) engine.memory.set(bytes, address);
  return address;
}

export function freePermission(engine: Engine, address: number): void {
  engine.calls.permissionFree(address);
}

function encode(facts: PermissionFacts): Uint8Array {
  const bytes = new Uint8Array(sizeOf(facts.byPattern.keys()));
  const isWhole = bytes.length <= PERMISSION_MAX_BYTES;
  const patterns = isWhole ? facts.byPattern : new Map<string, number>();
  const words = new DataView(bytes.buffer);
  let operations = 0;
  let at = HEADER_BYTES;
  for (const [pattern, bits] of patterns) {
    operations |= bits;
    const [kind, text] = kindOf(pattern);
    words.setUint32(at, bits, true);
    words.setUint32(at + 4, kind, true);
    words.setUint32(at + 8, text.length, true);
    at += PATTERN_HEADER_BYTES;
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    at += aligned(text.length);
  }
  words.setUint32(0, facts.withAnyKey, true);
  words.setUint32(4, operations, true);
  words.setUint32(8, patterns.size, true);
  bytes.set(facts.keySteps, 16);
  return bytes.subarray(0, at);
}

/** At most so many bytes; patterns may get shorter. */
function sizeOf(patterns: Iterable<string>): number {
  let byteCount = HEADER_BYTES;
  for (const { length } of patterns) {
    byteCount += PATTERN_HEADER_BYTES + aligned(length);
  }
  return byteCount;
}

function aligned(byteCount: number): number {
  return (byteCount + 3) & ~3;
}

/** How to compare, and with what. A star alone takes no empty key. */
function kindOf(pattern: string): [kind: number, text: string] {
  const head = /^([^*?[\\]+)(\*?)$/.exec(pattern);
  if (head === null) return [PERMISSION_GLOB, pattern];
  return [head[2] === "" ? PERMISSION_EXACT : PERMISSION_PREFIX, head[1]];
}
