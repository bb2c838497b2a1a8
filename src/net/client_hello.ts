/**
 * Looks at the first bytes of a TLS connection, without understanding more of
 * them than how many there must be:
 *
 *     record:    type 22, version 3.x, length (2)   as often as it takes
 *     handshake: type 1, length (3)                 at the start of the first
 */

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const MAJOR_VERSION = 3;
const RECORD_HEADER_BYTES = 5;
const MESSAGE_HEADER_BYTES = 4;
const RECORD_MAX_BYTES = 2 ** 14;
/** Real ones have some hundred bytes, or two thousand with large keys. */
const HELLO_MAX_BYTES = 16 * 1024;

export type HelloState = "incomplete" | "complete" | "alien";

/** Whether a whole ClientHello is there, or what is there is none at all. */
export function helloState(bytes: Uint8Array): HelloState {
  let messageBytes = 0;
  let wantedBytes = MESSAGE_HEADER_BYTES;
  let at = 0;
  while (messageBytes < wantedBytes) {
    if (at < bytes.length && bytes[at] !== HANDSHAKE_RECORD) return "alien";
    if (at + 1 < bytes.length && bytes[at + 1] !== MAJOR_VERSION) {
      return "alien";
    }
    const start = at + RECORD_HEADER_BYTES;
    if (start > bytes.length) return "incomplete";
    const length = bytes[at + 3] << 8 | bytes[at + 4];
    if (length === 0 || length > RECORD_MAX_BYTES) return "alien";
    if (at === 0) {
      const [type, high, middle, low] = bytes.subarray(start);
      if (type !== undefined && type !== CLIENT_HELLO) return "alien";
      // A header that is cut in pieces is nothing that a client sends.
      if (length < MESSAGE_HEADER_BYTES) return "alien";
      if (low === undefined) return "incomplete";
      wantedBytes += high << 16 | middle << 8 | low;
      if (wantedBytes > HELLO_MAX_BYTES) return "alien";
    }
    if (start + length > bytes.length) return "incomplete";
    messageBytes += length;
    at = start + length;
  }
  return "complete";
}
