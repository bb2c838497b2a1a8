/** Whether two replies agree, as closely as a script asks for. */

import { latin1, type Reply, ReplyReader } from "../support/reply.ts";
import { toBytes } from "./bytes.ts";
import type { Looseness } from "./script.ts";

/** A reply in the bytes of the protocol, one character each. */
export function encodeReply(reply: Reply): string {
  switch (reply.kind) {
    case "simple":
      return `+${reply.text}\r\n`;
    case "error":
      return `-${reply.text}\r\n`;
    case "bigNumber":
      return `(${reply.text}\r\n`;
    case "integer":
      return `:${reply.value}\r\n`;
    case "double":
      return `,${reply.value}\r\n`;
    case "boolean":
      return `#${reply.value ? "t" : "f"}\r\n`;
    case "null":
      return reply.prefix === "_" ? "_\r\n" : `${reply.prefix}-1\r\n`;
    case "bulk":
      return encodeBlob("$", latin1(reply.bytes));
    case "bulkError":
      return encodeBlob("!", latin1(reply.bytes));
    case "verbatim":
      return encodeBlob("=", `${reply.format}:${latin1(reply.bytes)}`);
    case "map":
      return encodeAll("%", reply.entries.length, reply.entries.flat());
    default:
      return encodeAll(
        aggregatePrefix[reply.kind],
        reply.items.length,
        reply.items,
      );
  }
}

const aggregatePrefix = { array: "*", set: "~", push: ">" };

function encodeBlob(prefix: string, text: string): string {
  return `${prefix}${text.length}\r\n${text}\r\n`;
}

function encodeAll(prefix: string, count: number, items: Reply[]): string {
  return `${prefix}${count}\r\n${items.map(encodeReply).join("")}`;
}

/** The reply that these protocol bytes are, or null if they are none. */
export function decodeReply(wire: string): Reply | null {
  const reader = new ReplyReader();
  reader.push(toBytes(wire));
  return reader.next() ?? null;
}

/**
 * Whether `actual` agrees with `expected`, both in protocol bytes. Outcomes
 * that are no replies, such as the end of a connection, agree only exactly.
 */
export function agree(
  loose: Looseness,
  expected: string,
  actual: string,
): boolean {
  if (expected === actual) return true;
  if (loose.kind === "exact" || isOutcome(expected) || isOutcome(actual)) {
    return false;
  }
  const first = decodeReply(expected);
  const second = decodeReply(actual);
  if (first === null || second === null) return false;
  return repliesAgree(loose, first, second);
}

/** Text that stands for something other than a reply, as "(closed)". */
function isOutcome(wire: string): boolean {
  return !wire.endsWith("\r\n");
}

function repliesAgree(loose: Looseness, first: Reply, second: Reply): boolean {
  const sameAfter = (change: (reply: Reply) => Reply) =>
    encodeReply(change(first)) === encodeReply(change(second));
  switch (loose.kind) {
    case "exact":
    case "differs":
      return encodeReply(first) === encodeReply(second);
    case "unordered":
      return sameAfter(sorted);
    case "sameShape":
      return sameAfter(shape);
    case "rounded":
      return sameAfter((reply) => rounded(reply, loose.digits));
    case "approximate":
      return approximately(first, second, loose.tolerance);
    case "errorPrefix":
      return sameAfter(errorCode);
    case "ignore":
      return true;
  }
}

/** The same reply with every aggregate in one fixed order. */
function sorted(reply: Reply): Reply {
  if (reply.kind === "map") {
    const entries = reply.entries.map(([key, value]): [Reply, Reply] => [
      key,
      sorted(value),
    ]);
    return {
      kind: "map",
      entries: entries.toSorted(byBytes((each) => each[0])),
    };
  }
  if (!("items" in reply)) return reply;
  const items = reply.items.map(sorted).toSorted(byBytes((each) => each));
  return { kind: reply.kind, items };
}

function byBytes<T>(key: (each: T) => Reply): (a: T, b: T) => number {
  return (a, b) => {
    const left = encodeReply(key(a));
    const right = encodeReply(key(b));
    return left < right ? -1 : left > right ? 1 : 0;
  };
}

/** The same reply with every leaf blank, except for the keys of maps. */
function shape(reply: Reply): Reply {
  switch (reply.kind) {
    case "map":
      return {
        kind: "map",
        entries: reply.entries.map(([key, value]) => [key, shape(value)]),
      };
    case "array":
    case "set":
    case "push":
      return { kind: reply.kind, items: reply.items.map(shape) };
    case "simple":
    case "error":
    case "bigNumber":
      return { kind: reply.kind, text: "" };
    case "bulk":
    case "bulkError":
      return { kind: reply.kind, bytes: new Uint8Array() };
    case "verbatim":
      return { ...reply, bytes: new Uint8Array() };
    case "integer":
    case "double":
      return { kind: reply.kind, value: 0 };
    case "boolean":
    case "null":
      return reply;
  }
}

/** The same reply with numbers cut to so many decimal places. */
function rounded(reply: Reply, digits: number): Reply {
  if (reply.kind === "double") {
    return { kind: "simple", text: reply.value.toFixed(digits) };
  }
  if (
    reply.kind === "bulk" &&
    /^-?[0-9.]+(e[-+]?[0-9]+)?$/.test(latin1(reply.bytes))
  ) {
    return {
      kind: "bigNumber",
      text: Number(latin1(reply.bytes)).toFixed(digits),
    };
  }
  if (reply.kind === "map") {
    const entries = reply.entries.map(([key, value]): [Reply, Reply] => [
      key,
      rounded(value, digits),
    ]);
    return { kind: "map", entries };
  }
  if (!("items" in reply)) return reply;
  const items = reply.items.map((item) => rounded(item, digits));
  return { kind: reply.kind, items };
}

function approximately(
  first: Reply,
  second: Reply,
  tolerance: number,
): boolean {
  if (first.kind === "integer" && second.kind === "integer") {
    // -1 and -2 say that there is no such time, so nothing is near to them.
    if (first.value < 0 || second.value < 0) {
      return first.value === second.value;
    }
    return Math.abs(Number(first.value) - Number(second.value)) <= tolerance;
  }
  if ("items" in first && "items" in second && first.kind === second.kind) {
    return first.items.length === second.items.length &&
      first.items.every((item, index) =>
        approximately(item, second.items[index], tolerance)
      );
  }
  return encodeReply(first) === encodeReply(second);
}

/** An error cut to its code; any other reply as it is. */
function errorCode(reply: Reply): Reply {
  if (reply.kind !== "error") return reply;
  return { kind: "error", text: reply.text.split(" ")[0] };
}
