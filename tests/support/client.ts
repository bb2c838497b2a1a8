/** A small Redis client for tests: byte-safe, pipelined, never patient. */
import { concat } from "./bytes.ts";
import {
  type Plain,
  plain,
  type Reply,
  ReplyError,
  ReplyReader,
} from "./reply.ts";

export type { Plain, Reply } from "./reply.ts";
export { ReplyError } from "./reply.ts";

/** A string stands for its bytes, one character each. */
export type Word = string | number | bigint | Uint8Array;

/** What a client needs of a connection, plain or TLS. */
export type Wire = Pick<Deno.Conn, "read" | "write" | "close">;

export interface ClientOptions {
  hostname?: string;
  /** How long a reply may take before the connection is given up. */
  timeoutMs?: number;
}

const READ_BYTES = 65536;

export async function connect(
  port: number,
  { hostname = "127.0.0.1", timeoutMs = 10_000 }: ClientOptions = {},
): Promise<Client> {
  const connection = await Deno.connect({ hostname, port });
  connection.setNoDelay(true);
  return new Client(connection, timeoutMs);
}

export class Client {
  #connection: Wire;
  #timeoutMs: number;
  #reader = new ReplyReader();
  #input = new Uint8Array(READ_BYTES);
  /** The last read and the last write: each waits for the one before. */
  #reading: Promise<unknown> = Promise.resolve();
  #writing: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Out-of-band messages that came while a reply was awaited. */
  readonly pushes: Reply[] = [];

  constructor(connection: Wire, timeoutMs = 10_000) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a command; gives its reply as a plain value, throws an error. */
  async call(...words: Word[]): Promise<Plain> {
    const value = plain(await this.raw(...words));
    if (value instanceof ReplyError) throw value;
    return value;
  }

  /** Sends a command; gives its reply with the type that it came in. */
  raw(...words: Word[]): Promise<Reply> {
    this.sendRaw(encodeCommands([words]));
    return this.#answer();
  }

  /** Sends all commands in one write; errors stand in the list of replies. */
  async pipeline(commands: readonly (readonly Word[])[]): Promise<Plain[]> {
    this.sendRaw(encodeCommands(commands));
    return (await Promise.all(commands.map(() => this.#answer()))).map(plain);
  }

  /** Sends a command whose reply is read later, or never comes. */
  send(...words: Word[]): Promise<void> {
    return this.sendRaw(encodeCommands([words]));
  }

  sendRaw(bytes: Uint8Array): Promise<void> {
    const written = this.#writing.then(() => this.#write(bytes));
    // A failed write shows as the end of the stream to whoever reads.
    this.#writing = written.catch(() => {});
    return this.#writing as Promise<void>;
  }

  /** The next reply of any kind, pushes included. */
  readReply(): Promise<Reply> {
    return this.#inTurn(() => this.#next());
  }

  /** The next push: one that was set aside, or the next to arrive. */
  readPush(): Promise<Reply> {
    return this.#inTurn(async () => this.pushes.shift() ?? await this.#next());
  }

  /** Waits until the server has closed the connection. */
  async ended(): Promise<void> {
    await this.#inTurn(async () => {
      while (await this.#fill());
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #answer(): Promise<Reply> {
    return this.#inTurn(async () => {
      while (true) {
        const reply = await this.#next();
        if (reply.kind !== "push") return reply;
        this.pushes.push(reply);
      }
    });
  }

  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const turn = this.#reading.then(read);
    this.#reading = turn.catch(() => {});
    return turn;
  }

  async #next(): Promise<Reply> {
    while (true) {
      const reply = this.#reader.next();
      if (reply) return reply;
      if (!await this.#fill()) throw new Error("the server hung up");
    }
  }

  /** Reads what there is; false when the server has closed. */
  async #fill(): Promise<boolean> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.close();
    }, this.#timeoutMs);
    try {
      const count = await this.#connection.read(this.#input);
      if (count !== null) this.#reader.push(this.#input.subarray(0, count));
      return count !== null;
    } catch (error) {
      if (late) throw new Error(`no reply within ${this.#timeoutMs} ms`);
      if (error instanceof Deno.errors.ConnectionReset) return false;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let sent = 0;
    while (sent < bytes.length) {
      sent += await this.#connection.write(bytes.subarray(sent));
    }
  }
}

/** Commands in the form of the protocol, one after another. */
export function encodeCommands(
  commands: readonly (readonly Word[])[],
): Uint8Array<ArrayBuffer> {
  const parts: (string | Uint8Array)[] = [];
  let text = "";
  const flush = () => {
    if (text.length > 0) parts.push(text);
    text = "";
  };
  for (const words of commands) {
    text += `*${words.length}\r\n`;
    for (const word of words) {
      if (word instanceof Uint8Array) {
        text += `$${word.length}\r\n`;
        flush();
        parts.push(word);
        text = "\r\n";
      } else {
        const characters = String(word);
        text += `$${characters.length}\r\n${characters}\r\n`;
      }
    }
  }
  flush();
  return concat(parts);
}
