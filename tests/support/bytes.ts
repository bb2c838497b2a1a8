/** Bytes, numbers from 0 to 255, or a text with one char for each byte. */
export type Piece = Uint8Array | readonly number[] | string;

export function joined(...pieces: Piece[]): Uint8Array<ArrayBuffer> {
  return concat(pieces);
}

/** The same for very many. */
export function concat(pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(
    pieces.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") putLatin1(all, at, piece);
    else all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function putLatin1(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw new Error(`${text[i]} is not one byte`);
    bytes[at + i] = code;
  }
}
