/**
 * The one gate: everything that must hold before a change is committed. It
 * stops at the first step that fails, names those that were not run, and ends
 * with `N passed, N failed` as the test runner counted them.
 */

const ROOT = new URL("../", import.meta.url);

/** Wasm sources are AssemblyScript, which TypeScript cannot check. */
const CHECKED = ["src", "scripts", "tests"];

interface Step {
  name: string;
  args: string[];
}

const STEPS: Step[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "format of wasm", args: ["task", "fmt:wasm", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "imports", args: ["task", "imports"] },
  { name: "generated files", args: ["task", "generate", "--check"] },
  { name: "types", args: ["check", ...CHECKED] },
  { name: "engine.wasm", args: ["task", "build:wasm", "--check"] },
];
const TESTS: Step = { name: "tests", args: ["task", "test"] };

export interface Counts {
  passed: number;
  failed: number;
  ignored: number;
}

/** Reads the last summary line that the test runner printed. */
export function countsOf(output: string): Counts | undefined {
  const line = output.split("\n").findLast((line) =>
    /^(ok|FAILED) \| \d+ passed/.test(line)
  );
  if (line === undefined) return undefined;
  const count = (word: string) =>
    Number(line.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  return {
    passed: count("passed"),
    failed: count("failed"),
    ignored: count("ignored"),
  };
}

/** Runs a step and shows its output only when it failed. */
async function succeeds({ name, args }: Step): Promise<boolean> {
  const start = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
  }).output();
  if (!success) {
    Deno.stdout.writeSync(stdout);
    Deno.stderr.writeSync(stderr);
  }
  report(name, success, start);
  return success;
}

/** Runs the tests with their output shown as it comes. */
async function runTests(): Promise<Counts> {
  const start = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: TESTS.args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "piped",
  }).spawn();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    await Deno.stdout.write(new TextEncoder().encode(text));
  }
  const { success } = await child.status;
  const counts = countsOf(output) ?? { passed: 0, failed: 1, ignored: 0 };
  if (!success) counts.failed = Math.max(counts.failed, 1);
  report(TESTS.name, success, start);
  return counts;
}

function report(name: string, success: boolean, start: number): void {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const mark = success ? "ok  " : "FAIL";
  console.log(`${mark} ${name.padEnd(16)} ${seconds.padStart(6)} s`);
}

async function gate(): Promise<Counts> {
  for (const [i, step] of STEPS.entries()) {
    if (await succeeds(step)) continue;
    for (const { name } of [...STEPS.slice(i + 1), TESTS]) {
      console.log(`     ${name.padEnd(16)} not run`);
    }
    return { passed: 0, failed: 1, ignored: 0 };
  }
  return await runTests();
}

if (import.meta.main) {
  const counts = await gate();
  if (counts.ignored > 0) console.log(`${counts.ignored} tests were skipped`);
  // Where everything is at hand, a skipped test hides what it should prove.
  if (Deno.env.get("CI") === "true") counts.failed += counts.ignored;
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  if (counts.failed > 0) Deno.exit(1);
}
