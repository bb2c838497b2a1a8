/**
 * Writes many small keys through one connection. Each batch is one buffer in
 * which only digits change, so the loader makes no garbage that could stop it
 * while it measures the server.
 */
const DIGITS = 12;
const ZERO = 48;
const OK_BYTES = "+OK\r\n".length;
const ERROR_MARK = "-".charCodeAt(0);

export interface LoadOptions {
  /** The first number; the keys count up from it. */
  first?: number;
  count: number;
  /** What stands before the twelve digits of a key. */
  prefix?: string;
  /** What stands before the twelve digits of a value. */
  valuePrefix?: string;
  /** Further words of SET, after key and value. */
  options?: string[];
  batchCount?: number;
}

/** SETs the keys; gives the time that the slowest batch took. */
export async function loadKeys(
  port: number,
  load: LoadOptions,
): Promise<{ slowestMs: number; totalMs: number }> {
  const { first = 0, count, batchCount = 1000 } = load;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  const { bytes, digitsAt } = batchOf(load, Math.min(batchCount, count));
  const input = new Uint8Array(65536);
  const commandBytes = bytes.length / (digitsAt.length / 2);
  const startedAt = performance.now();
  let slowestMs = 0;
  for (let done = 0; done < count;) {
    const size = Math.min(digitsAt.length / 2, count - done);
    for (let i = 0; i < size * 2; i++) {
      putDigits(bytes, digitsAt[i], first + done + (i >> 1));
    }
    const sentAt = performance.now();
    await writeAll(connection, bytes.subarray(0, size * commandBytes));
    await readOks(connection, input, size);
    slowestMs = Math.max(slowestMs, performance.now() - sentAt);
    done += size;
  }
  return { slowestMs, totalMs: performance.now() - startedAt };
}

/** A batch of commands, and where in it the digits of each word begin. */
function batchOf(
  { prefix = "key:", valuePrefix = "val:", options = [] }: LoadOptions,
  size: number,
) {
  const zeros = "0".repeat(DIGITS);
  const words = ["SET", prefix + zeros, valuePrefix + zeros, ...options];
  const command = `*${words.length}\r\n` +
    words.map((word) => `$${word.length}\r\n${word}\r\n`).join("");
  const keyAt = command.indexOf(prefix + zeros) + prefix.length;
  const valueAt = command.indexOf(valuePrefix + zeros, keyAt + DIGITS) +
    valuePrefix.length;
  const digitsAt = Array.from(
    { length: size * 2 },
    (_, i) => (i >> 1) * command.length + (i & 1 ? valueAt : keyAt),
  );
  return { bytes: new TextEncoder().encode(command.repeat(size)), digitsAt };
}

function putDigits(bytes: Uint8Array, at: number, value: number): void {
  for (let i = at + DIGITS - 1; i >= at; i--) {
    bytes[i] = ZERO + value % 10;
    value = Math.trunc(value / 10);
  }
}

export async function writeAll(
  connection: Deno.TcpConn,
  bytes: Uint8Array,
): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await connection.write(bytes.subarray(sent));
  }
}

async function readOks(
  connection: Deno.TcpConn,
  input: Uint8Array<ArrayBuffer>,
  count: number,
) {
  for (let missing = count * OK_BYTES; missing > 0;) {
    const got = await connection.read(input);
    if (got === null) throw new Error("the server hung up while loading");
    const error = input.subarray(0, got).indexOf(ERROR_MARK);
    if (error >= 0) {
      const text = new TextDecoder().decode(input.subarray(error, got));
      throw new Error(`loading failed: ${text}`);
    }
    missing -= got;
  }
}
