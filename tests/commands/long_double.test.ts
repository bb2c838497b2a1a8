/** The arithmetic of INCRBYFLOAT beside sums that a real server has printed. */
import { assertEquals, assertNotEquals } from "@std/assert";
import {
  formatLongDouble,
  LONG_DOUBLE_TEXT_MAX,
  longDoubleSum,
  parseLongDouble,
  ZERO,
} from "../../src/commands/long_double.ts";
import { decimal, decimalSum } from "../../src/commands/decimal_sum.ts";
import { Random } from "../support/random.ts";

/** What SET k <value>, INCRBYFLOAT k <increment> leads to. */
function sumOf(value: string, increment: string): string {
  const a = parseLongDouble(value);
  const b = parseLongDouble(increment);
  if (a === null || b === null) return "no float";
  const sum = longDoubleSum(a, b);
  return sum === null ? "not finite" : formatLongDouble(sum);
}

/** Value, increment and result, as redis-server 7.0.15 has them on x86-64. */
const RECORDED: readonly [string, string, string][] = [
  ["0", "0", "0"],
  ["0", "-0", "0"],
  ["-0", "-0", "0"],
  ["0.1", "0.2", "0.3"],
  ["0.1", "-0.1", "0"],
  ["3.0", "1.1", "4.1"],
  ["3", "1.1", "4.1"],
  ["10.5", "0.1", "10.6"],
  ["5.0e3", "2.0e2", "5200"],
  ["17179869184", "1.5", "17179869185.5"],
  ["1", "-1.1", "-0.1"],
  ["-1", "0.9", "-0.1"],
  ["1e-17", "0", "0.00000000000000001"],
  ["5e-18", "0", "0"],
  ["4.9999999999999999e-18", "0", "0"],
  ["5.0000000000000001e-18", "0", "0.00000000000000001"],
  ["1.5e-17", "0", "0.00000000000000002"],
  ["2.5e-17", "0", "0.00000000000000002"],
  ["-5.1e-18", "0", "-0.00000000000000001"],
  ["-4e-18", "0", "0"],
  ["1", "1e-17", "1.00000000000000001"],
  ["1", "1e-18", "1"],
  ["1", "5.5e-20", "1"],
  ["100", "1e-17", "100.00000000000000001"],
  ["1234.56", "0.1", "1234.66000000000000003"],
  ["12345678.12345678", "0.00000001", "12345678.12345679000009113"],
  ["3.14159265358979323846", "0", "3.14159265358979324"],
  ["9007199254740993", "0.5", "9007199254740993.5"],
  ["9223372036854775807", "1", "9223372036854775808"],
  ["18446744073709551615", "0", "18446744073709551615"],
  ["18446744073709551616", "1", "18446744073709551616"],
  ["18446744073709551617", "0", "18446744073709551616"],
  ["18446744073709551618", "1", "18446744073709551620"],
  ["18446744073709551619", "0", "18446744073709551620"],
  ["36893488147419103233", "0", "36893488147419103232"],
  ["36893488147419103234", "0", "36893488147419103232"],
  ["36893488147419103235", "0", "36893488147419103236"],
  ["36893488147419103238", "0", "36893488147419103240"],
  ["9223372036854775808.5", "0", "9223372036854775808"],
  ["9223372036854775809.5", "0", "9223372036854775810"],
  ["9223372036854775808.25", "0", "9223372036854775808"],
  ["9223372036854775808.75", "0", "9223372036854775809"],
  ["9223372036854775808", "0.5", "9223372036854775808"],
  ["9223372036854775809", "0.5", "9223372036854775810"],
  ["4611686018427387904.25", "0", "4611686018427387904"],
  ["1e20", "0.5", "100000000000000000000"],
  ["1e20", "-1e20", "0"],
  ["1e25", "1", "10000000000000000000000000"],
  ["123456789012345678901234567890", "1", "123456789012345678899921813504"],
  [
    "100000000000000000000000000000000000",
    "0",
    "99999999999999999997871448567840768",
  ],
  ["-1e30", "1e10", "-1000000000000000000024696061952"],
  ["inf", "1", "not finite"],
  ["1", "-inf", "not finite"],
  ["inf", "-inf", "not finite"],
  ["Infinity", "0", "not finite"],
  ["+INF", "0", "not finite"],
  ["-infinity", "0", "not finite"],
  ["nan", "0", "no float"],
  ["1", "nan", "no float"],
  ["1", "-NaN", "no float"],
  ["1e4932", "9e4932", "no float"],
  ["1e4933", "0", "no float"],
  ["-1e4933", "0", "no float"],
  ["1e99999999999999999999", "0", "no float"],
  ["1e-99999999999999999999", "0", "no float"],
  ["0e99999999999999999999", "0", "0"],
  ["0.000e-5000", "1", "1"],
  ["1e-4950", "1", "1"],
  ["3.6e-4951", "1", "1"],
  ["1.9e-4951", "1", "1"],
  ["1.8e-4951", "1", "no float"],
  ["1e-4952", "1", "no float"],
  ["0x10", "0", "16"],
  ["0X1P4", "0", "16"],
  ["0xA.8p0", "0", "10.5"],
  ["0x.8", "0", "0.5"],
  ["0x1.", "0.5", "1.5"],
  ["-0x1p-1", "0", "-0.5"],
  ["0x", "0", "no float"],
  ["0x.", "0", "no float"],
  ["0x1p", "0", "no float"],
  ["0x1p+", "0", "no float"],
  ["0xffffffffffffffff8", "0", "295147905179352825856"],
  ["0xffffffffffffffff.8", "0", "18446744073709551616"],
  ["0xfffffffffffffffe.8", "0", "18446744073709551614"],
  ["0x1.0000000000000001p63", "0", "9223372036854775808"],
  ["0x1.00000000000000018p63", "0", "9223372036854775809"],
  ["0x8p-16448", "1", "1"],
  ["0x1p-16446", "1", "no float"],
  ["0x1.1p-16446", "1", "1"],
  ["0x1.fffffffffffffffep16383", "0x1p16319", "not finite"],
  ["0x1.ffffffffffffffffp16383", "0", "no float"],
  ["0x1p16384", "0", "no float"],
  ["0x1p99999999999999999999", "0", "no float"],
  ["", "1", "no float"],
  [" 1", "1", "no float"],
  ["1 ", "1", "no float"],
  ["1\n", "1", "no float"],
  ["\t1", "1", "no float"],
  ["1\u0000", "1", "no float"],
  [".", "1", "no float"],
  ["-.", "1", "no float"],
  [".5", "1", "1.5"],
  ["5.", "1", "6"],
  ["+.5e1", "1", "6"],
  ["1e", "1", "no float"],
  ["1e+", "1", "no float"],
  ["e5", "1", "no float"],
  ["1.2.3", "1", "no float"],
  ["--1", "1", "no float"],
  ["+-1", "1", "no float"],
  ["1,5", "1", "no float"],
  ["1_000", "1", "no float"],
  ["1e1.5", "1", "no float"],
  ["00012.50", "0", "12.5"],
  ["1E+2", "1", "101"],
  ["0b1", "1", "no float"],
  ["1f", "0", "no float"],
  ["6.1887019546", "1.45", "7.6387019546"],
  ["8.46325274653", "5.9", "14.36325274653"],
  ["684352.3434658555346634", "55e17", "5500000000000684352.5"],
  ["-071040.40630202881595865", "1e-7", "-71040.40630192881595661"],
  ["9.37179", "-5e-15", "9.371789999999995"],
  ["-61720.84458446293911", "26.486620", "-61694.35796446293911188"],
  [
    "09019537938376.11496658759721005066",
    "-2e-9",
    "9019537938376.11496639251708984",
  ],
  [
    "516877683199.6542328185401996421",
    "-131.2925386229",
    "516877683068.36169421672821045",
  ],
  [
    "-22732656077786485978.8721197596479759225",
    "130.2",
    "-22732656077786485848",
  ],
  ["-4712.1994", "-92.453756436139", "-4804.65315643613899965"],
  ["357.6", "-654.374961869923", "-296.77496186992300001"],
  ["264005005239.5", "2e12", "2264005005239.5"],
  ["-7780527438442887173.8871403059711", "50e10", "-7780526938442887174"],
  ["0.41715439", "1.57510842339", "1.99226281339"],
  ["-90407884604.899", "-2e-14", "-90407884604.89899999648332596"],
  ["19.8354429733", "-99e-2", "18.8454429733"],
  ["-34781432673473629.203743914450", "23e13", "-34551432673473629.203125"],
  ["147877361.3696213", "16e16", "160000000147877361.375"],
  ["40436348.6560077825797", "0.98616219294", "40436349.6421699755192094"],
  ["-95953476267783798.42641778", "-39e-16", "-95953476267783798.4296875"],
  ["-9.39430080735", "-6.9238968", "-16.31819760735"],
  ["-52537784590.0426", "-09e0", "-52537784599.04259999841451645"],
  ["1225729886105444545.762622", "-6e-18", "1225729886105444545.75"],
  [
    "798452739396864795.0432323418471898406",
    "855.4926037",
    "798452739396865650.5625",
  ],
  ["-20643208239732241353.82566480", "-56e6", "-20643208239788241354"],
  ["-4915.5658910638672165848", "-64e-18", "-4915.56589106386721655"],
  ["-98433747.4", "24.585484778", "-98433722.81451522200222826"],
  ["-2926.1", "-235.411305506", "-3161.51130550600000002"],
  [
    "34922913490205798.9737930631648437464",
    "-1.94445625557107710",
    "34922913490205797.029296875",
  ],
  ["-64495.301851737449", "6e-19", "-64495.30185173744899885"],
  ["-948204.9049817406393165075", "8e4", "-868204.90498174063930037"],
  ["46.440839", "41e1", "456.44083900000000001"],
  ["7.84167777022", "94e-0", "101.84167777022"],
  [
    "-8159662571070816.0885133295377376346",
    "187.12768608429603",
    "-8159662571070628.96044921875",
  ],
  [
    "7641439311.63773060793717982809",
    "-30e-14",
    "7641439311.63773060776293278",
  ],
  ["60486311537208874.981428729360899", "-6e-15", "60486311537208874.98046875"],
  ["-14521225.7911899", "-35e-3", "-14521225.82618989999991754"],
  ["548625754.910605011", "-8e19", "-79999999999451374248"],
  ["335.8", "-3e18", "-2999999999999999664.25"],
  ["-14.940511652022407833", "491.249619719754", "476.30910806773159216"],
];

Deno.test("sums are those that a real server prints", () => {
  for (const [value, increment, expected] of RECORDED) {
    const context = JSON.stringify([value, increment]);
    assertEquals(sumOf(value, increment), expected, context);
  }
});

Deno.test("the order of the two numbers does not matter", () => {
  for (const [value, increment, expected] of RECORDED) {
    assertEquals(sumOf(increment, value), expected);
  }
});

Deno.test("a sum rounds to 64 binary digits, a tie to the even neighbour", () => {
  const power = 2n ** 64n;
  assertEquals(sumOf(String(power), "1"), String(power));
  assertEquals(sumOf(String(power + 2n), "1"), String(power + 4n));
  assertEquals(sumOf(String(power), "1.0000000000000001"), String(power + 2n));
  assertEquals(sumOf(String(power - 1n), "0.5"), String(power));
  assertEquals(sumOf(String(power - 2n), "0.5"), String(power - 2n));
});

Deno.test("the largest number has 4933 digits and nothing is added to it", () => {
  const largest = "0x1.fffffffffffffffep16383";
  const digits = String((2n ** 64n - 1n) << 16320n);
  assertEquals(digits.length, 4933);
  assertEquals(sumOf(largest, "0"), digits);
  // Half of its last binary digit rounds up to infinity, less does not.
  assertEquals(sumOf(largest, "0x1p16319"), "not finite");
  assertEquals(sumOf(largest, "0x1p16318"), digits);
  assertEquals(sumOf(`-${largest}`, "-0x1p16319"), "not finite");
});

Deno.test("a text may be long, but not longer than Redis's buffer", () => {
  const zeros = "0".repeat(LONG_DOUBLE_TEXT_MAX - 1);
  assertEquals(sumOf(`${zeros}7`, "0.5"), "7.5");
  assertEquals(sumOf(`${zeros}07`, "0.5"), "no float");
  const nines = `0.${"9".repeat(LONG_DOUBLE_TEXT_MAX - 2)}`;
  assertEquals(sumOf(nines, "0"), "1");
  assertNotEquals(parseLongDouble(nines), null);
});

Deno.test("the smallest number is half of what underflows to it", () => {
  const smallest = parseLongDouble("0x1p-16445")!;
  assertEquals(smallest, { mantissa: 1n, exponent: -16445 });
  assertEquals(parseLongDouble("0x1.8p-16446"), smallest);
  assertEquals(parseLongDouble("0x1p-16446"), null);
  assertEquals(parseLongDouble("0x1.8p-16445")?.mantissa, 2n);
  assertEquals(longDoubleSum(smallest, ZERO), smallest);
});

Deno.test("short numbers have the same sums without long doubles", () => {
  const seed = 20_261_121;
  const random = new Random(seed);
  const short = () => {
    const sign = random.chance(0.4) ? "-" : "";
    const size = random.pick([2, 10, 32, 40, 1000, 2 ** 32]);
    const fraction = Array.from(
      { length: random.int(15) },
      () => random.int(10),
    ).join("");
    const zeros = random.chance(0.1) ? "00" : "";
    return sign + zeros + random.int(size) + (fraction && `.${fraction}`);
  };
  for (let i = 0; i < 20_000; i++) {
    const [a, b] = [short(), short()];
    const sum = decimalSum(decimal(a)!, decimal(b)!);
    assertEquals(sum, sumOf(a, b), `seed ${seed}: ${a} and ${b}`);
  }
  for (const [a, b] of [["-0", "-0"], ["-0.0", "0.00"], ["-1.5", "1.5"]]) {
    assertEquals(decimalSum(decimal(a)!, decimal(b)!), sumOf(a, b));
  }
  for (const [a, b] of [["999999999999999", "1"], ["31.9", "0.1"]]) {
    assertEquals(decimalSum(decimal(a)!, decimal(b)!), sumOf(a, b));
  }
});
