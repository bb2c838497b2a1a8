/** Names that nobody guesses, and words that nobody may guess bit by bit. */

/** Forty random hexadecimal digits. */
export function hexId(): string {
  return crypto.getRandomValues(new Uint8Array(20)).toHex();
}

/** Compares without telling by its duration where the bytes differ. */
export function sameBytes(given: Uint8Array, wanted: Uint8Array): boolean {
  let difference = given.length ^ wanted.length;
  for (let i = 0; i < given.length; i++) {
    difference |= given[i] ^ wanted[i % wanted.length];
  }
  return difference === 0;
}
