/** BITFIELD and BITFIELD_RO: integers of any width at any bit of a string. */
import {
  OVERFLOW_FAIL,
  OVERFLOW_SAT,
  OVERFLOW_WRAP,
} from "../../keyspace/bits.ts";
import {
  bitfieldOnlyGet,
  bitfieldOverflowType,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";
import { command } from "../define/command.ts";
import type { FoundKey, Words } from "../define/keys.ts";

const GET = 0, SET = 1, INCRBY = 2;

/** The words after an operation's name: type and offset, then an amount. */
const GET_WORDS = 2, WRITE_WORDS = 3;

/** One operation; its type, offset and amount follow its name. */
interface FieldStep {
  readonly kind: typeof GET | typeof SET | typeof INCRBY;
  readonly typeIndex: number;
  readonly overflow: number;
}

interface FieldPlan {
  readonly steps: readonly FieldStep[];
  /** The bits that a string must have to be written; 0 when all only read. */
  readonly endBit: number;
}

export const bitfield = command({
  name: "BITFIELD",
  group: "bitmap",
  since: "3.2.0",
  summary: "Reads, writes and adds to integers of any width in a string",
  complexity: "O(1) for each operation",
  flags: ["write", "denyoom"],
  args: [
    arg.key("key", "RW", "access", "update", "variable_flags")
      .notes("Whether it is only read depends on the operations"),
    arg.oneOf(
      "operation",
      getBlock(),
      arg.block(
        "write",
        arg.oneOf(
          "overflow-block",
          arg.token("WRAP"),
          arg.token("SAT"),
          arg.token("FAIL"),
        ).token("OVERFLOW").optional(),
        arg.oneOf(
          "write-operation",
          fieldBlock("set-block", arg.integer("value")).token("SET"),
          fieldBlock("incrby-block", arg.integer("increment")).token("INCRBY"),
        ),
      ),
    ).multiple().optional(),
  ],
  keysFrom: bitfieldKey,
  run(call) {
    runPlan(call, readPlan(call));
  },
});

export const bitfieldRo = command({
  name: "BITFIELD_RO",
  group: "bitmap",
  since: "6.0.0",
  summary: "Reads integers of any width in a string",
  complexity: "O(1) for each operation",
  flags: ["readonly", "fast"],
  args: [
    arg.key("key", "RO", "access"),
    getBlock().multipleToken().optional(),
  ],
  run(call) {
    const plan = readPlan(call);
    if (plan.endBit > 0) throw bitfieldOnlyGet;
    runPlan(call, plan);
  },
});

function getBlock(): Argument {
  return fieldBlock("get-block").token("GET");
}

function fieldBlock(name: string, ...amount: Argument[]): Argument {
  const field = [arg.string("encoding"), arg.integer("offset")];
  return arg.block(name, ...field, ...amount);
}

/** Reads all operations before the first one runs: an error changes nothing. */
function readPlan(call: Call): FieldPlan {
  const { bits } = call.db;
  const steps: FieldStep[] = [];
  let endBit = 0;
  let overflow: number = OVERFLOW_WRAP;
  for (let i = 2; i < call.argc;) {
    const wordsLeft = call.argc - i - 1;
    if (call.is(i, "OVERFLOW") && wordsLeft > 0) {
      overflow = overflowAt(call, i + 1);
      i += 2;
      continue;
    }
    const kind = kindAt(call, i, wordsLeft);
    const typeIndex = i + 1;
    const fieldEnd = bits.fieldEnd(typeIndex, typeIndex + 1);
    if (kind !== GET) {
      call.integer(typeIndex + 2);
      endBit = Math.max(endBit, fieldEnd);
    }
    steps.push({ kind, typeIndex, overflow });
    i += 1 + (kind === GET ? GET_WORDS : WRITE_WORDS);
  }
  return { steps, endBit };
}

function kindAt(call: Call, index: number, wordsLeft: number) {
  if (call.is(index, "GET") && wordsLeft >= GET_WORDS) return GET;
  if (call.is(index, "SET") && wordsLeft >= WRITE_WORDS) return SET;
  if (call.is(index, "INCRBY") && wordsLeft >= WRITE_WORDS) return INCRBY;
  throw syntaxError;
}

function overflowAt(call: Call, index: number): number {
  if (call.is(index, "WRAP")) return OVERFLOW_WRAP;
  if (call.is(index, "SAT")) return OVERFLOW_SAT;
  if (call.is(index, "FAIL")) return OVERFLOW_FAIL;
  throw bitfieldOverflowType;
}

function runPlan(call: Call, { steps, endBit }: FieldPlan): void {
  const { bits } = call.db;
  // Growing is a change even when every write then fails. Redis says nothing
  // of that one, and its replicas go without it.
  let hasChanged = bits.openFields(1, endBit);
  call.reply.array(steps.length);
  for (const { kind, typeIndex, overflow } of steps) {
    const offset = typeIndex + 1, amount = typeIndex + 2;
    if (kind === GET) bits.getField(typeIndex, offset);
    else if (kind === SET) {
      if (bits.setField(typeIndex, offset, amount, overflow)) hasChanged = true;
    } else if (bits.addToField(typeIndex, offset, amount, overflow)) {
      hasChanged = true;
    }
  }
  if (hasChanged) call.changed(1, "setbit");
}

/** The key is only read when every operation is a GET. */
function bitfieldKey(words: Words): readonly FoundKey[] {
  let i = 2;
  while (i < words.argc) {
    const wordsLeft = words.argc - i - 1;
    if (words.is(i, "GET") && wordsLeft >= GET_WORDS) i += 1 + GET_WORDS;
    else if (words.is(i, "OVERFLOW") && wordsLeft >= 1) i += 2;
    else return [{ index: 1, flags: ["RW", "access", "update"] }];
  }
  return [{ index: 1, flags: ["RO", "access"] }];
}
