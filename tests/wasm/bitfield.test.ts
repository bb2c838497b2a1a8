import { assertEquals } from "@std/assert";
import {
  BIT_OFFSET,
  FIELD_TYPE,
  OVERFLOW_FAIL,
  OVERFLOW_SAT,
  OVERFLOW_WRAP,
} from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { bitAt, someBytes, type Step, Strings, withBit } from "./bits_host.ts";

const SEED = 20261120;

function readModel(bytes: Uint8Array, bit: number, type: string): bigint {
  const bitCount = Number(type.slice(1));
  let value = 0n;
  for (let i = 0; i < bitCount; i++) {
    value = value * 2n + BigInt(bitAt(bytes, bit + i));
  }
  return type[0] === "i" ? BigInt.asIntN(bitCount, value) : value;
}

/** What a field makes of a sum: the value, and whether it had to be cut. */
function fitModel(sum: bigint, isTooLarge: boolean, step: Step) {
  const bitCount = Number(step.type.slice(1));
  const isSigned = step.type[0] === "i";
  const max = 2n ** BigInt(bitCount - (isSigned ? 1 : 0)) - 1n;
  const min = isSigned ? -max - 1n : 0n;
  if (sum >= min && sum <= max) return { value: sum, cut: false };
  if (step.mode === OVERFLOW_SAT) {
    return { value: sum > max || isTooLarge ? max : min, cut: true };
  }
  const wrap = isSigned ? BigInt.asIntN : BigInt.asUintN;
  return { value: wrap(bitCount, sum), cut: true };
}

/**
 * Whether Redis takes a value below a field's smallest one for too large: it
 * reads a negative value of an unsigned field as a large one, and its distance
 * to the largest signed value may leave 64 bits.
 */
function seemsTooLarge(value: bigint, type: string): boolean {
  if (type[0] === "u") return value < 0n;
  const max = 2n ** BigInt(Number(type.slice(1)) - 1) - 1n;
  return value < 0n && max - value >= 2n ** 63n && type !== "i64";
}

interface ModelOutcome {
  bytes: Uint8Array;
  reply: string;
  changed: boolean;
}

function fieldModel(bytes: Uint8Array, bit: number, step: Step): ModelOutcome {
  const before = readModel(bytes, bit, step.type);
  if (step.kind === "get") {
    return { bytes, reply: `:${before}\r\n`, changed: false };
  }
  const bitCount = Number(step.type.slice(1));
  const hadBytes = bytes.length;
  // The string grows even when the operation then fails.
  bytes = withBit(
    bytes,
    bit + bitCount - 1,
    bitAt(bytes, bit + bitCount - 1),
  );
  const isSet = step.kind === "set";
  const { value, cut } = isSet
    ? fitModel(step.amount, seemsTooLarge(step.amount, step.type), step)
    : fitModel(before + step.amount, false, step);
  if (cut && step.mode === OVERFLOW_FAIL) {
    return { bytes, reply: "$-1\r\n", changed: false };
  }
  for (let i = 0; i < bitCount; i++) {
    const one = value >> BigInt(bitCount - 1 - i) & 1n;
    bytes = withBit(bytes, bit + i, Number(one));
  }
  return {
    bytes,
    reply: `:${isSet ? before : value}\r\n`,
    changed: hadBytes !== bytes.length || value !== before,
  };
}

for (const { name, debug } of BUILDS) {
  Deno.test(`a field's type and offset are checked (${name})`, async () => {
    const strings = await Strings.load(debug);
    const ends: [string, string, number][] = [
      ["u1", "0", 1],
      ["u63", "0", 63],
      ["i64", "5", 69],
      ["i1", "4294967295", 4294967296],
      ["i64", "4294967295", 4294967359],
      ["u8", "#3", 32],
      ["i16", "#0", 16],
      // 2^61 fields of 8 bits are 2^64 bits, which Redis takes for none.
      ["u8", "#2305843009213693952", 8],
      ...["u0", "u64", "i0", "i65", "", "u", "8", "x8", "U8", "u08", "u-1"]
        .map((type): [string, string, number] => [type, "0", FIELD_TYPE]),
      ...["-1", "#-1", "", "#", "a", "##1", "4294967296", "#536870912"]
        .map((offset): [string, string, number] => ["u8", offset, BIT_OFFSET]),
    ];
    for (const [type, offset, expected] of ends) {
      strings.say(type, offset);
      assertEquals(strings.calls.checkField(0, 1), expected, type + offset);
    }
  });

  Deno.test(`fields are as the model has them (${name})`, async () => {
    const strings = await Strings.load(debug);
    const random = new Random(SEED + 4);
    console.log(`seed ${SEED + 4}`);
    let model = new Uint8Array();
    for (let round = 0; round < (debug ? 6000 : 20_000); round++) {
      if (random.chance(0.02)) {
        model = random.pick([random.bytes, someBytes.bind(null, random)])
          .call(random, random.int(20)) as Uint8Array<ArrayBuffer>;
        strings.set("k", model);
      }
      const { step, bit } = someStep(random);
      const expected = fieldModel(model, bit, step);
      strings.calls.takeChanges();
      const { reply, changed } = strings.field("k", step);
      const about =
        `round ${round}: ${step.kind} ${step.type} ${step.offset} ` +
        `${step.amount} mode ${step.mode}`;
      assertEquals(reply, expected.reply, about);
      assertEquals(changed, expected.changed, about);
      assertEquals(strings.calls.takeChanges(), changed ? 1 : 0, about);
      model = expected.bytes as Uint8Array<ArrayBuffer>;
      assertEquals(strings.get("k") ?? new Uint8Array(), model, about);
    }
    strings.verify();
  });

  Deno.test(`fields of a missing key read as zero (${name})`, async () => {
    const strings = await Strings.load(debug);
    strings.set("other", "\xff".repeat(20));
    const step: Step = {
      ...{ kind: "get", type: "i64", offset: 3, amount: 0n },
      mode: OVERFLOW_WRAP,
    };
    assertEquals(strings.field("other", step).reply, ":-1\r\n");
    assertEquals(strings.field("k", step).reply, ":0\r\n");
    assertEquals(strings.get("k"), null);
  });
}

function someStep(random: Random): { step: Step; bit: number } {
  const isSigned = random.chance(0.5);
  const bitCount = 1 + random.int(isSigned ? 64 : 63);
  const isNumbered = random.chance(0.3);
  const place = random.int(random.pick([3, 20, 200]));
  const step: Step = {
    kind: random.pick(["get", "set", "add"]),
    type: (isSigned ? "i" : "u") + bitCount,
    offset: isNumbered ? `#${place}` : place,
    amount: someAmount(random, bitCount),
    mode: random.pick([OVERFLOW_WRAP, OVERFLOW_SAT, OVERFLOW_FAIL]),
  };
  return { step, bit: isNumbered ? place * bitCount : place };
}

/** A 64-bit integer, often one at the edge of what a field holds. */
function someAmount(random: Random, bitCount: number): bigint {
  const edge = 2n ** BigInt(random.pick([bitCount, bitCount - 1, 63, 62, 0]));
  const near = edge * random.pick([1n, -1n]) + BigInt(random.int(5) - 2);
  const wide = BigInt(random.int(2 ** 32)) << BigInt(random.int(33));
  return BigInt.asIntN(64, random.pick([near, wide, -wide]));
}
