/**
 * The command line of redis-server: `[file | -] [--directive value ...] [-]`.
 *
 * A file comes first, then standard input where the first or last argument is
 * `-`, then the options, so that the options win. The options become lines of
 * configuration text, one each, and errors in them read like errors in a file.
 */
import { Config } from "./config.ts";
import { StartError } from "./errors.ts";
import { resolvePath } from "./paths.ts";
import { ConfigLoader, type ConfigSources } from "./parse.ts";
import { quoted, splitArguments } from "../../protocol/text.ts";

export interface StartPlan {
  readonly kind: "start";
  readonly config: Config;
  /** Absolute where the working directory is; undefined without a file. */
  readonly configFile: string | undefined;
  /** What the log should say at the start. */
  readonly warnings: readonly string[];
}

export type CommandLine =
  | { readonly kind: "version" }
  | { readonly kind: "help" }
  | StartPlan;

/** Throws a StartError, whose message is to be printed, if nothing can start. */
export function parseCommandLine(
  args: readonly string[],
  sources: ConfigSources,
  workingDirectory?: string,
): CommandLine {
  const [first] = args;
  if (first === "-v" || first === "--version") return { kind: "version" };
  if (first === "-h" || first === "--help") return { kind: "help" };
  if (first === "--test-memory" || first === "--check-system") {
    throw new StartError(
      `${first} is not supported: Deno has no access to the machine's memory ` +
        "and kernel settings",
    );
  }
  const config = new Config({ workingDirectory });
  const loader = new ConfigLoader(config, sources);
  const hasFile = first !== undefined && !first.startsWith("-");
  if (hasFile) {
    config.configFile = resolvePath(config.get("dir"), first);
    loader.loadFile(first);
  }
  const options = readOptions(hasFile ? args.slice(1) : args, !hasFile);
  if (options.readsStandardInput) {
    loader.loadText(sources.readStandardInput(), "standard input");
  }
  loader.loadText(options.text, "the command line options");
  loader.finish();
  const warnings = [...loader.notices, ...config.warnings()];
  return { kind: "start", config, configFile: config.configFile, warnings };
}

interface Options {
  /** The options as configuration text. */
  readonly text: string;
  readonly readsStandardInput: boolean;
}

/**
 * `--name` begins an option only where the one before it has its value, so
 * that a value may begin with dashes. `--save` alone means `--save ""`, since
 * that is what becomes of an empty list in many a start script.
 */
function readOptions(args: readonly string[], isFromStart: boolean): Options {
  const lines: string[] = [];
  let readsStandardInput = false;
  let hasValue = true;
  args.forEach((arg, index) => {
    const isLast = index === args.length - 1;
    if (arg === "-" && (isLast || (isFromStart && index === 0))) {
      readsStandardInput = true;
    } else if (hasValue && arg.startsWith("--")) {
      const isNameOnly = splitArguments(arg)?.length === 1;
      const isEmptySave = arg.toLowerCase() === "--save" &&
        (isLast || args[index + 1].startsWith("--"));
      lines.push(arg.slice(2) + (isEmptySave ? ' ""' : ""));
      hasValue = !isNameOnly || isEmptySave;
    } else {
      lines.push(`${lines.pop() ?? ""} ${quoted(arg)}`);
      hasValue = true;
    }
  });
  return { text: lines.join("\n"), readsStandardInput };
}
