/**
 * SHA-256 (FIPS 180-4) at once: Web Crypto has it only as a promise, and a
 * password is checked within one command.
 *
 * A message is digested in chunks of 64 bytes; the last one or two end with
 * 0x80, zeros and the length in bits.
 */

const CHUNK_BYTES = 64;
/** Where the length stands in the last chunk. */
const LENGTH_AT = 56;

const CONSTANTS = Uint32Array.of(
  ...fractions(64, Math.cbrt),
);
const START = fractions(8, Math.sqrt);

/** The digest of a message, 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const state = Uint32Array.from(START);
  const schedule = new Uint32Array(64);
  const whole = message.length - message.length % CHUNK_BYTES;
  const view = viewOf(message);
  for (let at = 0; at < whole; at += CHUNK_BYTES) {
    digestChunk(state, schedule, view, at);
  }
  const tail = tailOf(message, whole);
  const tailView = viewOf(tail);
  for (let at = 0; at < tail.length; at += CHUNK_BYTES) {
    digestChunk(state, schedule, tailView, at);
  }
  const digest = new Uint8Array(32);
  const words = viewOf(digest);
  state.forEach((word, i) => words.setUint32(i * 4, word));
  return digest;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** What follows the whole chunks, with the end that every message gets. */
function tailOf(message: Uint8Array, whole: number): Uint8Array {
  const rest = message.subarray(whole);
  const chunkCount = rest.length < LENGTH_AT ? 1 : 2;
  const tail = new Uint8Array(chunkCount * CHUNK_BYTES);
  tail.set(rest);
  tail[rest.length] = 0x80;
  const bits = BigInt(message.length) * 8n;
  viewOf(tail).setBigUint64(tail.length - 8, bits);
  return tail;
}

function digestChunk(
  state: Uint32Array,
  schedule: Uint32Array,
  view: DataView,
  at: number,
): void {
  for (let i = 0; i < 16; i++) schedule[i] = view.getUint32(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const early = schedule[i - 15];
    const late = schedule[i - 2];
    const mixedEarly = rotated(early, 7) ^ rotated(early, 18) ^ early >>> 3;
    const mixedLate = rotated(late, 17) ^ rotated(late, 19) ^ late >>> 10;
    schedule[i] = schedule[i - 16] + mixedEarly + schedule[i - 7] + mixedLate;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const sum = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const choice = e & f ^ ~e & g;
    const first = h + sum + choice + CONSTANTS[i] + schedule[i] | 0;
    const otherSum = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const majority = a & b ^ a & c ^ b & c;
    h = g;
    g = f;
    f = e;
    e = d + first | 0;
    d = c;
    c = b;
    b = a;
    a = first + otherSum + majority | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

function rotated(word: number, bits: number): number {
  return word >>> bits | word << 32 - bits;
}

/** 32 bits behind the point of the roots of the first primes. */
function fractions(count: number, root: (prime: number) => number): number[] {
  const words: number[] = [];
  for (let prime = 2; words.length < count; prime++) {
    if (!isPrime(prime)) continue;
    const value = root(prime);
    words.push(Math.floor((value - Math.floor(value)) * 2 ** 32));
  }
  return words;
}

function isPrime(number: number): boolean {
  for (let factor = 2; factor * factor <= number; factor++) {
    if (number % factor === 0) return false;
  }
  return true;
}
