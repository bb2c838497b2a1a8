/** Makes a failing sequence of calls small, and writes it as a case. */

import type { Call } from "./generator.ts";
import type { Teller } from "./script.ts";

/** Enough for a good result; each attempt replays the whole sequence. */
const mostAttempts = 400;

/**
 * Drops calls as long as the rest still fails: first large runs of them, then
 * smaller ones, at last single calls.
 */
export async function shrinkCalls(
  calls: Call[],
  fails: (calls: Call[]) => Promise<boolean>,
): Promise<Call[]> {
  let kept = calls;
  let attempts = 0;
  for (let run = Math.ceil(kept.length / 2); run >= 1;) {
    let dropped = false;
    for (let end = kept.length; end > 0; end -= run) {
      if (attempts++ >= mostAttempts) return kept;
      const rest = kept.toSpliced(Math.max(0, end - run), Math.min(run, end));
      if (rest.length > 0 && await fails(rest)) {
        kept = rest;
        dropped = true;
      }
    }
    if (run === 1 && !dropped) return kept;
    run = dropped ? run : Math.floor(run / 2);
    run = Math.max(1, Math.min(run, Math.ceil(kept.length / 2)));
  }
  return kept;
}

/** The calls as a script that can be pasted into a file of cases. */
export function showAsCase(name: string, calls: Call[]): string {
  const lines = calls.map(({ args, loose }) => {
    const words = args.map(quote).join(", ");
    const method: keyof Teller = loose.kind === "exact" ? "run" : loose.kind;
    switch (loose.kind) {
      case "approximate":
        return `    t.approximate(${loose.tolerance}, ${words});`;
      case "ignore":
        return `    t.ignore(${quote(loose.reason)}, ${words});`;
      default:
        return `    t.${method}(${words});`;
    }
  });
  return `  script(${quote(name)}, (t) => {\n${lines.join("\n")}\n  }),`;
}

/** A TypeScript string literal, one escape for each byte out of ASCII. */
function quote(text: string): string {
  const escaped = JSON.stringify(text).replaceAll(
    /[\x7f-\xff]|\\u00(..)/g,
    (match, hex) =>
      `\\x${hex ?? match.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return escaped;
}
