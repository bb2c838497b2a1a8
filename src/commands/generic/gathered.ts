const utf8 = new TextEncoder();

const GATHERED_BYTES = 64 * 1024;

/**
 * Commands on their way to another server: many small words become few writes,
 * and large ones pass through piece by piece.
 */
export class Gathered {
  readonly #send: (bytes: Uint8Array) => Promise<void>;
  readonly #buffer = new Uint8Array(GATHERED_BYTES);
  #length = 0;

  constructor(send: (bytes: Uint8Array) => Promise<void>) {
    this.#send = send;
  }

  async command(...words: readonly (string | Uint8Array)[]): Promise<void> {
    await this.begin(words.length);
    for (const word of words) await this.word(word);
  }

  /** A command of so many words follows. */
  begin(wordCount: number): Promise<void> {
    return this.#put(utf8.encode(`*${wordCount}\r\n`));
  }

  async word(word: string | Uint8Array): Promise<void> {
    const bytes = typeof word === "string" ? utf8.encode(word) : word;
    let piece: Uint8Array | null = bytes;
    await this.wordOf(bytes.length, () => {
      const next = piece;
      piece = null;
      return next;
    });
  }

  /** A word of so many bytes, which come in pieces. */
  async wordOf(
    byteCount: number,
    take: () => Uint8Array | null,
  ): Promise<void> {
    await this.#put(utf8.encode(`$${byteCount}\r\n`));
    for (let piece = take(); piece; piece = take()) await this.#put(piece);
    await this.#put(utf8.encode("\r\n"));
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const length = this.#length;
    this.#length = 0;
    await this.#send(this.#buffer.subarray(0, length));
  }

  async #put(bytes: Uint8Array): Promise<void> {
    if (this.#length + bytes.length > GATHERED_BYTES) await this.flush();
    if (bytes.length > GATHERED_BYTES) return this.#send(bytes);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}
