import { assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import { loadDoubles } from "./double_host.ts";

const host = await loadDoubles(false);

const view = new DataView(new ArrayBuffer(8));

function fromBits(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/** Exactly halfway between a double above zero and the next. */
function middleAbove(value: number): string {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = bits >> 52n;
  const fraction = bits & (2n ** 52n - 1n);
  const mantissa = biased > 0n ? fraction | 2n ** 52n : fraction;
  const power = (biased > 0n ? biased : 1n) - 1076n;
  const middle = 2n * mantissa + 1n;
  return power >= 0n
    ? `${middle << power}`
    : `${middle * 5n ** -power}e${power}`;
}

/** Digits without zeros around them, and the exponent of the last. */
function normalized(text: string): string {
  const [, sign, whole, fraction = "", exponent = "0"] = text.match(
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/,
  )!;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const kept = digits.replace(/0+$/, "");
  const power = Number(exponent) - fraction.length + digits.length -
    kept.length;
  return `${sign}${kept}e${power}`;
}

const HARD = [
  5e-324,
  1e-323,
  2.225073858507201e-308,
  2.2250738585072014e-308,
  Number.MAX_VALUE,
  1e22,
  1e23,
  9.5e-5,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 62,
  2 ** 62 + 1024,
  2 ** 63,
  0.1 + 0.2,
  5e-7,
  9007199254740993.5,
  1.7800590868057611e-307,
  2.8480945388892175e-306,
  6.631236846766476e-316,
  4.35097e17,
];

function* values(): Generator<number> {
  yield* HARD;
  for (let power = -1074; power < 1024; power++) yield 2 ** power;
  for (let power = -323; power < 309; power++) yield Number(`1e${power}`);
  const random = new Random(20261121);
  for (let round = 0; round < 20000; round++) {
    const bits = BigInt(random.int(2 ** 32)) << 32n |
      BigInt(random.int(2 ** 32));
    const value = fromBits(bits);
    if (Number.isFinite(value)) yield value;
  }
}

Deno.test("a double is printed with the shortest digits that give it back", () => {
  for (const value of values()) {
    const text = host.format(value);
    assertEquals(host.parse(text), value, text);
    if (Number.isInteger(value) && Math.abs(value) <= 2 ** 62) {
      assertEquals(text, String(BigInt(value)));
    } else assertEquals(normalized(text), normalized(String(value)));
  }
});

Deno.test("doubles look as Redis 7.2 prints them", () => {
  const looks: [number, string][] = [
    [0, "0"],
    [-0, "-0"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [NaN, "nan"],
    [-17, "-17"],
    [1e17, "100000000000000000"],
    [2 ** 62, "4611686018427387904"],
    [-(2 ** 62), "-4611686018427387904"],
    [5e18, "5e+18"],
    [1.5, "1.5"],
    [0.001, "0.001"],
    [0.000001, "0.000001"],
    [0.0000001, "1e-7"],
    [0.00000012, "1.2e-7"],
    [0.0001234567, "1.234567e-4"],
    [0.001234567, "0.001234567"],
    [-0.25, "-0.25"],
    [3.0000000000000004, "3.0000000000000004"],
    [1234567.1234567, "1.2345671234567e+6"],
    [1234567.123456, "1234567.123456"],
    [21470986.981807992, "2.147098698180799e+7"],
    [1.2345e300, "1.2345e+300"],
    [-1.2345678901234568e-300, "-1.2345678901234568e-300"],
    [1e100, "1e+100"],
    [2 ** 63, "9223372036854776000"],
  ];
  for (const [value, text] of looks) assertEquals(host.format(value), text);
});

Deno.test("a number between two doubles is read as the nearer one", () => {
  for (const value of [...values()].slice(0, 3000)) {
    if (value <= 0 || value === Number.MAX_VALUE) continue;
    const middle = middleAbove(value);
    const [digits, exponent = "0"] = middle.split("e");
    const below = `${BigInt(digits) - 1n}e${exponent}`;
    const above = `${digits}${"0".repeat(900)}1e${Number(exponent) - 901}`;
    const pointed = `${digits[0]}.${digits.slice(1)}e${
      Number(exponent) + digits.length - 1
    }`;
    for (const text of [middle, below, above, pointed]) {
      assertEquals(host.parse(text), Number(text), text.slice(0, 60));
    }
  }
});

Deno.test("what strtod reads whole is a double", () => {
  const texts: [string, number][] = [
    ["0", 0],
    ["-0.00", -0],
    ["+00012", 12],
    [".5", 0.5],
    ["5.", 5],
    ["+.5E+1", 5],
    ["1e0005", 1e5],
    ["0e-99999999999999999999999", 0],
    ["0.0e99999999999999999999999", 0],
    ["inf", Infinity],
    ["+INF", Infinity],
    ["-Infinity", -Infinity],
    ["2.4703282292062328e-324", 5e-324],
    ["1.7976931348623158e308", Number.MAX_VALUE],
    [`1${"0".repeat(400)}e-400`, 1],
    [`0.${"0".repeat(400)}1e401`, 1],
    [`${"9".repeat(400)}e-390`, 1e10],
    [`1${"0".repeat(70000)}e-70000`, 1],
    ["0x10", 16],
    ["-0X1P-4", -0.0625],
    ["0x.8", 0.5],
    ["0x1.", 1],
    ["0x0p-99999", 0],
    ["0x1p-1074", 5e-324],
    ["0x1.8p-1075", 5e-324],
    ["0x1.0000000001p-1075", 5e-324],
    ["0x1.fffffffffffff7ffffffffp1023", Number.MAX_VALUE],
    ["0x20000000000001", 2 ** 53],
    ["0x20000000000001.0000000000000000000001", 2 ** 53 + 2],
    ["0x20000000000003", 2 ** 53 + 4],
    ["0x0000000000000000000000000001.8", 1.5],
    ["0x100000000000000000000", 2 ** 80],
  ];
  for (const [text, value] of texts) {
    assertEquals(host.parse(text), value, text.slice(0, 60));
  }
});

Deno.test("what strtod leaves a part of, or cannot hold, is no double", () => {
  const texts = [
    "",
    "+",
    "-",
    ".",
    "+-1",
    "--1",
    " 1",
    "1 ",
    "1\0",
    "1a",
    "1e",
    "1e+",
    "1e5.5",
    "1p5",
    "e5",
    "..5",
    "1.2.3",
    "1,5",
    "0x",
    "0x.",
    "0x1p",
    "0x1e+5",
    "0xg",
    "in",
    "infin",
    "infinityy",
    "nan",
    "-nan",
    "nan(1)",
    "1e400",
    "-1e400",
    "1e-400",
    "1e99999999999999999999999",
    "1e-99999999999999999999999",
    "1.7976931348623159e308",
    "2.4703282292062327e-324",
    "0x1p1024",
    "0x1.fffffffffffff8p1023",
    "0x1p-1075",
    "0x1p-1076",
  ];
  for (const text of texts) assertEquals(host.parse(text), null, text);
});
