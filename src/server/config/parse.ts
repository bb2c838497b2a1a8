/**
 * redis.conf: reads files, standard input and command line options, in that
 * order, into a Config. Later lines win, and some kinds add up.
 */
import { type Config, lineArguments } from "./config.ts";
import { DIRECTIVES, findDirective } from "./directives.ts";
import {
  configFileError,
  describeFileError,
  type Place,
  type StartError,
} from "./errors.ts";
import { expandGlob } from "./expandGlob.ts";
import { isGlob } from "../../protocol/glob.ts";
import { asciiLowerCase, splitArguments } from "../../protocol/text.ts";

/** What reading a configuration needs of the world. Each may throw. */
export interface ConfigSources {
  readTextFile(path: string): string;
  /** The names in a directory, in any order. */
  listDirectory(path: string): readonly string[];
  /** Throws what Deno throws for a path that is no directory. */
  checkDirectory(path: string): void;
  readStandardInput(): string;
}

/** Directives of old versions that may stand in a file and mean nothing. */
const RETIRED = [
  "list-max-ziplist-entries",
  "list-max-ziplist-value",
  "lua-replicate-commands",
];

/** A file that includes itself would never end. */
const DEEPEST_INCLUDE = 64;

export class ConfigLoader {
  /** What the reader of the log should know. */
  readonly notices: string[] = [];
  readonly #config: Config;
  readonly #sources: ConfigSources;
  readonly #namesRead = new Set<string>();

  constructor(config: Config, sources: ConfigSources) {
    this.#config = config;
    this.#sources = sources;
  }

  /** A path with wildcards may match nothing; any other file must be there. */
  loadFile(path: string, includedAt?: Place, depth = 0): void {
    // The path is seen from `dir` as it stands at this line, as in Redis,
    // where `dir` changes the working directory at once.
    const inDir = (each: string) => this.#config.pathInDir(each);
    const paths = isGlob(path)
      ? expandGlob(path, (each) => this.#sources.listDirectory(inDir(each)))
      : [path];
    for (const whole of paths.map(inDir)) {
      this.loadText(this.#read(whole, includedAt), whole, depth);
    }
  }

  loadText(text: string, source: string, depth = 0): void {
    text.split("\n").forEach((untrimmed, index) => {
      const line = untrimmed.replace(/^[ \t\r]+|[ \t\r]+$/g, "");
      if (line === "" || line.startsWith("#")) return;
      this.#loadLine({ source, lineNumber: index + 1, line }, depth);
    });
  }

  /** To be called after the last line: judges the configuration as a whole. */
  finish(): void {
    const config = this.#config;
    if (!config.get("cluster-enabled")) return;
    if (config.get("replicaof") !== undefined) {
      throw configFileError("replicaof directive not allowed in cluster mode");
    }
    const databaseCount = config.get("databases");
    if (databaseCount > 1) {
      config.assign("databases", ["1"]);
      this.notices.push(
        `Changing databases number from ${databaseCount} to 1 since we are ` +
          "in cluster mode",
      );
    }
  }

  #read(path: string, includedAt: Place | undefined): string {
    try {
      return this.#sources.readTextFile(path);
    } catch (error) {
      throw configFileError(
        `Fatal error, can't open config file '${path}': ` +
          describeFileError(error),
        includedAt,
      );
    }
  }

  #loadLine(place: Place, depth: number): void {
    const words = splitArguments(place.line);
    if (words === undefined) {
      throw configFileError("Unbalanced quotes in configuration line", place);
    }
    const [name, ...args] = words;
    const directive = findDirective(name);
    if (directive === undefined) {
      this.#loadStatement(asciiLowerCase(name), args, place, depth);
      return;
    }
    const { takesSeveral } = DIRECTIVES[directive.name].kind;
    if (!takesSeveral && args.length !== 1) {
      throw configFileError("wrong number of arguments", place);
    }
    const given = lineArguments(directive.name, args);
    const isRepeated = this.#namesRead.has(directive.name);
    const refusal = this.#config.assign(directive.name, given, isRepeated);
    if (refusal !== undefined) throw configFileError(refusal.reason, place);
    if (directive.name === "dir") this.#checkDirectory(place);
    this.#namesRead.add(directive.name);
  }

  #checkDirectory(place: Place): void {
    try {
      this.#sources.checkDirectory(this.#config.get("dir"));
    } catch (error) {
      throw configFileError(describeFileError(error), place);
    }
  }

  #loadStatement(
    name: string,
    args: readonly string[],
    place: Place,
    depth: number,
  ): void {
    const { statements } = this.#config;
    const count = args.length;
    if (RETIRED.includes(name) && count === 1) return;
    if (name === "include" && count === 1) {
      if (depth === DEEPEST_INCLUDE) {
        throw configFileError("Include files are nested too deeply", place);
      }
      this.loadFile(args[0], place, depth + 1);
    } else if (name === "rename-command" && count === 2) {
      statements.renameCommand.push({ args, place });
    } else if (name === "user" && count >= 1) {
      statements.user.push({ args, place });
    } else if (name === "loadmodule" && count >= 1) {
      statements.loadModule.push({ args, place });
    } else {
      throw unknownStatement(name, count, place);
    }
  }
}

function unknownStatement(
  name: string,
  argumentCount: number,
  place: Place,
): StartError {
  if (name.includes(".")) {
    return configFileError(
      argumentCount === 0
        ? "Module config specified without value"
        : "Module Configuration detected without loadmodule directive or no " +
          "ApplyConfig call: aborting",
      place,
    );
  }
  if (name === "sentinel" && argumentCount > 0) {
    return configFileError(
      "sentinel directive while not in sentinel mode",
      place,
    );
  }
  return configFileError(
    "Bad directive or wrong number of arguments",
    place,
  );
}
