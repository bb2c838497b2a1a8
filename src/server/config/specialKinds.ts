/** The kinds with a shape of their own, most of them lists. */
import { Refusal } from "./errors.ts";
import {
  type Kind,
  type RewrittenLine,
  rewrittenUnlessInitial,
  type Setting,
  settingOf,
} from "./kind.ts";
import {
  formatMemory,
  parseDecimal,
  parseLenientInteger,
  parseMemory,
} from "./numbers.ts";
import { resolvePath } from "./paths.ts";
import { asciiLowerCase, quoted } from "../../protocol/text.ts";

export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** `save`: in a file the lines add up, CONFIG SET replaces them all. */
export const savePointsKind: Kind<readonly SavePoint[]> = {
  takesSeveral: true,
  read(args, earlier) {
    const isEmptied = args.length === 1 && args[0] === "";
    const points = isEmptied ? [] : parseSavePoints(args);
    if (points === undefined) return new Refusal("Invalid save parameters");
    const keepsEarlier = earlier.isRepeated && !isEmptied;
    const kept = keepsEarlier ? earlier.setting.value : [];
    return settingOf(savePointsKind, Object.freeze([...kept, ...points]));
  },
  show: (points) =>
    points.map((point) => `${point.seconds} ${point.changes}`).join(" "),
  rewrite(name, setting) {
    // Always in the file, or the defaults would come back with a new default.
    if (setting.value.length === 0) return [forced(`${name} ""`)];
    return setting.value.map((point) =>
      forced(`${name} ${point.seconds} ${point.changes}`)
    );
  },
};

function parseSavePoints(args: readonly string[]): SavePoint[] | undefined {
  if (args.length % 2 !== 0) return undefined;
  const points: SavePoint[] = [];
  for (let at = 0; at < args.length; at += 2) {
    const seconds = parseLenientInteger(args[at]);
    const changes = parseLenientInteger(args[at + 1]);
    if (seconds === undefined || seconds < 1n) return undefined;
    if (changes === undefined || changes < 0n) return undefined;
    points.push(Object.freeze({
      seconds: Number(seconds),
      changes: Number(BigInt.asIntN(32, changes)),
    }));
  }
  return points;
}

/** At the soft limit for softSeconds, or at the hard limit, a client is cut. */
export interface OutputBufferLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export interface OutputBufferLimits {
  readonly normal: OutputBufferLimit;
  readonly replica: OutputBufferLimit;
  readonly pubsub: OutputBufferLimit;
}

const LIMITED_CLASSES = ["normal", "replica", "pubsub"] as const;

/** `client-output-buffer-limit`: a class that is not named stays as it is. */
export const outputBufferLimitsKind: Kind<OutputBufferLimits> = {
  takesSeveral: true,
  read(args, earlier) {
    if (args.length % 4 !== 0) {
      return new Refusal(
        "Wrong number of arguments in buffer limit configuration.",
      );
    }
    const limits = { ...earlier.setting.value };
    for (let at = 0; at < args.length; at += 4) {
      const name = asciiLowerCase(args[at]);
      const wanted = name === "slave" ? "replica" : name;
      const limited = LIMITED_CLASSES.find((known) => known === wanted);
      if (limited === undefined) {
        return new Refusal(
          "Invalid client class specified in buffer limit configuration.",
        );
      }
      const limit = parseOutputBufferLimit(args.slice(at + 1, at + 4));
      if (limit === undefined) {
        return new Refusal(
          "Error in hard, soft or soft_seconds setting in buffer limit " +
            "configuration.",
        );
      }
      limits[limited] = limit;
    }
    return settingOf(outputBufferLimitsKind, Object.freeze(limits));
  },
  show: (limits) =>
    LIMITED_CLASSES.map((limited) => {
      const { hardBytes, softBytes, softSeconds } = limits[limited];
      const shown = limited === "replica" ? "slave" : limited;
      return `${shown} ${BigInt(hardBytes)} ${
        BigInt(softBytes)
      } ${softSeconds}`;
    }).join(" "),
  rewrite: (name, setting, initial) =>
    LIMITED_CLASSES.map((limited) => {
      const text = limitLine(name, limited, setting.value[limited]);
      const usual = limitLine(name, limited, initial.value[limited]);
      return { text, isForced: text !== usual };
    }),
};

function parseOutputBufferLimit(
  args: readonly string[],
): OutputBufferLimit | undefined {
  const hardBytes = parseMemory(args[0]);
  const softBytes = parseMemory(args[1]);
  const softSeconds = parseLenientInteger(args[2]);
  if (hardBytes === undefined || softBytes === undefined) return undefined;
  if (softSeconds === undefined) return undefined;
  // Redis keeps the seconds in 32 bits before it looks at the sign.
  const seconds = Number(BigInt.asIntN(32, softSeconds));
  if (seconds < 0) return undefined;
  return Object.freeze({
    hardBytes: Number(hardBytes),
    softBytes: Number(softBytes),
    softSeconds: seconds,
  });
}

function limitLine(
  name: string,
  limited: string,
  limit: OutputBufferLimit,
): string {
  const hard = formatMemory(BigInt(limit.hardBytes));
  const soft = formatMemory(BigInt(limit.softBytes));
  return `${name} ${limited} ${hard} ${soft} ${limit.softSeconds}`;
}

const MOST_BIND_ADDRESSES = 16;

/** `bind`: no address at all is written as "". */
export const bindKind: Kind<readonly string[]> = {
  takesSeveral: true,
  read(args) {
    if (args.length > MOST_BIND_ADDRESSES) {
      return new Refusal("Too many bind addresses specified.");
    }
    const addresses = args.length === 1 && args[0] === "" ? [] : [...args];
    return settingOf(bindKind, Object.freeze(addresses));
  },
  show: (addresses) => addresses.join(" "),
  rewrite(name, setting, initial) {
    if (setting.text === initial.text) return [];
    return [forced(`${name} ${setting.text === "" ? '""' : setting.text}`)];
  },
};

export interface MasterAddress {
  readonly host: string;
  readonly port: number;
}

/** `replicaof host port`, or `no one`. */
export const replicaofKind: Kind<MasterAddress | undefined> = {
  takesSeveral: true,
  read(args) {
    if (args.length !== 2) return new Refusal("wrong number of arguments");
    const [host, portWord] = args;
    const isNoOne = asciiLowerCase(host) === "no" &&
      asciiLowerCase(portWord) === "one";
    if (isNoOne) return settingOf(replicaofKind, undefined);
    const port = parseLenientInteger(portWord);
    if (port === undefined || port < 0n || port > 65535n) {
      return new Refusal("Invalid master port");
    }
    return settingOf(
      replicaofKind,
      Object.freeze({ host, port: Number(port) }),
    );
  },
  show: (master) => master === undefined ? "" : `${master.host} ${master.port}`,
  rewrite: (name, setting) =>
    setting.value === undefined ? [] : [forced(`${name} ${setting.text}`)],
};

/** `latency-tracking-info-percentiles`, shown with at most six decimals. */
export const percentilesKind: Kind<readonly number[]> = {
  takesSeveral: true,
  read(args) {
    const percentiles: number[] = [];
    const isEmptied = args.length === 1 && args[0] === "";
    for (const word of isEmptied ? [] : args) {
      const percentile = parseDecimal(word);
      if (percentile === undefined) {
        return new Refusal(
          "Invalid latency-tracking-info-percentiles parameters",
        );
      }
      if (percentile < 0 || percentile > 100) {
        return new Refusal(
          "latency-tracking-info-percentiles parameters should sit between " +
            "[0.0,100.0]",
        );
      }
      percentiles.push(percentile);
    }
    return settingOf(percentilesKind, Object.freeze(percentiles));
  },
  show: (percentiles) => percentiles.map(percentText).join(" "),
  rewrite: (name, setting) => [
    forced(`${name} ${setting.text === "" ? '""' : setting.text}`),
  ],
};

/** Without needless zeros. */
export function percentText(percent: number): string {
  return percent.toFixed(6).replace(/\.?0+$/, "");
}

const OOM_SCORE_COUNT = 3;
const OOM_SCORE_LIMIT = 2000n;

/** `oom-score-adj-values`: master, replica and background child. */
export const oomScoresKind: Kind<readonly number[]> = {
  takesSeveral: true,
  read(args) {
    if (args.length !== OOM_SCORE_COUNT) {
      return new Refusal("wrong number of arguments");
    }
    const scores: number[] = [];
    for (const word of args) {
      const score = parseLenientInteger(word);
      const isAllowed = score !== undefined && score >= -OOM_SCORE_LIMIT &&
        score <= OOM_SCORE_LIMIT;
      if (!isAllowed) {
        return new Refusal(
          "Invalid oom-score-adj-values, elements must be between -2000 and " +
            "2000.",
        );
      }
      scores.push(Number(score));
    }
    return settingOf(oomScoresKind, Object.freeze(scores));
  },
  show: (scores) => scores.join(" "),
  rewrite: (name, setting, initial) =>
    rewrittenUnlessInitial(`${name} ${setting.text}`, setting, initial),
};

/** The event classes that `A` stands for, in the order of CONFIG GET. */
const ALL_EVENT_CLASSES = "g$lshzxetd";
const NEW_KEY_CLASS = "n";
const DELIVERY_CLASSES = "KEm";

/** `notify-keyspace-events`: the value holds each class letter, `A` spelt out. */
export const eventClassesKind: Kind<string> = {
  takesSeveral: false,
  read([word]) {
    const letters = word.replaceAll("A", ALL_EVENT_CLASSES);
    const known = ALL_EVENT_CLASSES + NEW_KEY_CLASS + DELIVERY_CLASSES;
    for (const letter of letters) {
      if (!known.includes(letter)) {
        return new Refusal(
          "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
        );
      }
    }
    const value = [...known].filter((each) => letters.includes(each)).join("");
    return settingOf(eventClassesKind, value);
  },
  show(classes) {
    const only = (letters: string) =>
      [...letters].filter((letter) => classes.includes(letter)).join("");
    const types = only(ALL_EVENT_CLASSES);
    const delivery = only(DELIVERY_CLASSES);
    // Redis 7.2 does not show `n` beside `A`.
    return types === ALL_EVENT_CLASSES
      ? "A" + delivery
      : types + only(NEW_KEY_CLASS) + delivery;
  },
  rewrite: (name, setting, initial) =>
    rewrittenUnlessInitial(
      `${name} ${quoted(rewrittenClasses(setting))}`,
      setting,
      initial,
    ),
};

/** The text, with the `n` that it may leave out: a restart must find it. */
function rewrittenClasses(setting: Setting<string>): string {
  const isWhole = !setting.text.startsWith("A") ||
    !setting.value.includes(NEW_KEY_CLASS);
  return isWhole ? setting.text : setting.text + NEW_KEY_CLASS;
}

/** `dir`: like changing into a directory, from wherever the server is now. */
export const directoryKind: Kind<string> = {
  takesSeveral: false,
  read([word], earlier) {
    if (word === "") return new Refusal("No such file or directory");
    return settingOf(
      directoryKind,
      resolvePath(earlier.setting.value, word),
    );
  },
  show: (path) => path,
  rewrite: (name, setting) => [forced(`${name} ${quoted(setting.value)}`)],
};

function forced(text: string): RewrittenLine {
  return { text, isForced: true };
}
