import { assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import { loadParser } from "./parser_host.ts";

const host = await loadParser(false);
const { calls } = host;
const address = host.alloc(64);

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

function parse(text: string): bigint | null {
  host.write(address, text);
  if (calls.parseInteger(address, text.length) === 0) return null;
  return calls.parsedInteger.value;
}

/** Writes between two marks, which must survive. */
function format(value: bigint): string {
  host.write(address, "#".repeat(64));
  const byteCount = calls.formatInteger(address + 8, value);
  assertEquals(host.read(address, 8), "########");
  assertEquals(host.read(address + 8 + byteCount, 8), "########");
  return host.read(address + 8, byteCount);
}

/** Values where lengths, halves and signs change. */
function* edges(): Generator<bigint> {
  for (let power = 0n; power < 64n; power++) {
    for (const near of [-1n, 0n, 1n]) {
      yield 2n ** power + near;
      yield -(2n ** power) + near;
      yield 10n ** power + near;
      yield -(10n ** power) + near;
    }
  }
}

const fits = (value: bigint) => value >= MIN && value <= MAX;

Deno.test("every integer near a power of two or ten is read and written", () => {
  for (const value of edges()) {
    const text = String(value);
    assertEquals(parse(text), fits(value) ? value : null, text);
    if (!fits(value)) continue;
    assertEquals(format(value), text);
    assertEquals(calls.integerByteCount(value), text.length, text);
  }
});

Deno.test("digits are counted up to the largest unsigned value", () => {
  for (let digits = 1; digits <= 20; digits++) {
    const least = digits === 1 ? 0n : 10n ** BigInt(digits - 1);
    const most = digits === 20 ? 2n ** 64n - 1n : 10n ** BigInt(digits) - 1n;
    assertEquals(calls.digitCount(least), digits);
    assertEquals(calls.digitCount(most), digits);
  }
});

Deno.test("only the one spelling of an integer is accepted", () => {
  const spellings = [
    "",
    "-",
    "--1",
    "+1",
    "00",
    "01",
    "-0",
    "-01",
    " 1",
    "1 ",
    "1\0",
    "1.0",
    "1e3",
    "0x10",
    "a",
    "-a",
    "1a",
    "123456789a",
    "a2345678",
    "1234567:",
    "1234567/",
    "1234\x00678",
    "1234\xb5678",
    "12345678901234567-",
    "000000000000000000001",
    "99999999999999999999",
    "100000000000000000000",
    "-99999999999999999999",
    "18446744073709551616",
    "1".repeat(100),
  ];
  for (const text of spellings) {
    assertEquals(parse(text.slice(0, 64)), null, JSON.stringify(text));
  }
});

Deno.test("a byte that is no digit is found at every place", () => {
  const digits = "1234567890123456789";
  for (let length = 1; length <= digits.length; length++) {
    for (let place = 0; place < length; place++) {
      for (let byte = 0; byte < 256; byte++) {
        const char = String.fromCharCode(byte);
        const text = digits.slice(0, place) + char +
          digits.slice(place + 1, length);
        const isInteger = /^(0|-?[1-9][0-9]*)$/.test(text) &&
          fits(BigInt(text));
        assertEquals(parse(text), isInteger ? BigInt(text) : null, text);
      }
    }
  }
});

Deno.test("random integers of every size come back as they were", () => {
  const random = new Random(20240611);
  for (let round = 0; round < 20000; round++) {
    const low = BigInt(random.int(2 ** 32));
    const high = BigInt(random.int(2 ** 32));
    const value = BigInt.asIntN(64, high << 32n | low) >>
      BigInt(random.int(64));
    const text = String(value);
    assertEquals(format(value), text, `seed ${random.seed}`);
    assertEquals(parse(text), value, `seed ${random.seed}`);
  }
});

Deno.test("nothing beyond the end of memory is read or written", async () => {
  const host = await loadParser(false);
  host.calls.memory.grow(1);
  for (const value of edges()) {
    if (!fits(value)) continue;
    const text = String(value);
    const address = host.writeAtEnd("#".repeat(text.length));
    host.calls.formatInteger(address, value);
    assertEquals(host.read(address, text.length), text);
    assertEquals(host.calls.parseInteger(address, text.length), 1);
  }
});
