import { failure } from "../../protocol/errors.ts";
import type { Reply } from "../../protocol/reply.ts";

/**
 * DEBUG PROTOCOL: one reply of each type. Their bytes are what client
 * libraries test themselves against, so they are Redis's own.
 */
const EXAMPLES: Record<string, (reply: Reply) => void> = {
  string: (reply) => reply.bulk("Hello World"),
  integer: (reply) => reply.integer(12345),
  double: (reply) => reply.double(3.141),
  bignum: (reply) => {
    const digits = "1234567999999999999999999999999999999";
    if (reply.resp === 3) reply.raw(`(${digits}\r\n`);
    else reply.bulk(digits);
  },
  null: (reply) => reply.null(),
  array: (reply) => {
    reply.array(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  set: (reply) => {
    reply.set(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  map: (reply) => {
    reply.map(3);
    for (let i = 0; i < 3; i++) {
      reply.integer(i);
      reply.boolean(i === 1);
    }
  },
  attrib: (reply) => {
    if (reply.resp === 3) {
      reply.raw("|1\r\n");
      reply.bulk("key-popularity");
      reply.array(2);
      reply.bulk("key:123");
      reply.integer(90);
    }
    // Attributes belong to a reply, so one follows.
    reply.bulk("Some real reply following the attribute");
  },
  push: (reply) => {
    if (reply.resp !== 3) {
      throw failure("ERR RESP2 is not supported by this command");
    }
    reply.push(2);
    reply.bulk("server-cpu-usage");
    reply.integer(42);
    // A push answers nothing, so an answer follows.
    reply.bulk("Some real reply following the push reply");
  },
  verbatim: (reply) => reply.verbatim("This is a verbatim\nstring"),
  true: (reply) => reply.boolean(true),
  false: (reply) => reply.boolean(false),
};

export function replyExample(reply: Reply, type: string): void {
  if (!Object.hasOwn(EXAMPLES, type)) {
    throw failure(
      "ERR Wrong protocol type name. Please use one of the following: " +
        "string|integer|double|bignum|null|array|set|map|attrib|push|" +
        "verbatim|true|false",
    );
  }
  EXAMPLES[type](reply);
}
