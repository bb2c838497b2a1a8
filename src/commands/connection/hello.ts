import {
  failure,
  helloNeedsAuth,
  protocolNotInteger,
  quoted,
  ReplyError,
  unsupportedProtocol,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import type { Words } from "../define/keys.ts";
import { authenticate } from "./auth.ts";
import { checkedName } from "./client_name.ts";

/** HELLO: the hand-shake. Protocol, authentication and name in one. */
export const hello = command({
  name: "HELLO",
  group: "connection",
  since: "6.0.0",
  summary: "Agrees on a protocol version and tells about the server",
  complexity: "O(1)",
  flags: [
    "noscript",
    "loading",
    "stale",
    "fast",
    "no_auth",
    "allow_busy",
  ],
  history: [["6.2.0", "Without a version it only tells about the server."]],
  args: [
    arg.block(
      "arguments",
      arg.integer("protover"),
      arg.block(
        "auth",
        arg.string("username"),
        arg.string("password"),
      ).token("AUTH").optional(),
      arg.string("clientname").token("SETNAME").optional(),
    ).optional(),
  ],
  secrets: passwords,
  run(call) {
    const version = call.argc > 1 ? protocolVersion(call) : call.client.resp;
    const name = readOptions(call);
    if (!call.client.authenticated) throw helloNeedsAuth;
    if (name !== null) call.client.name = name;
    call.client.resp = version;
    call.reply.resp = version;
    introduce(call);
  },
});

function protocolVersion(call: Call): number {
  let version: number;
  try {
    version = call.integer(1);
  } catch (error) {
    throw error instanceof ReplyError ? protocolNotInteger : error;
  }
  if (version !== 2 && version !== 3) throw unsupportedProtocol;
  return version;
}

/** Follows AUTH when all is understood; returns the name to set, or null. */
function readOptions(call: Call): string | null {
  let name: string | null = null;
  let userAt = 0;
  for (let i = 2; i < call.argc; i++) {
    const left = call.argc - 1 - i;
    if (call.is(i, "AUTH") && left >= 2) {
      userAt = i + 1;
      i += 2;
    } else if (call.is(i, "SETNAME") && left >= 1) {
      name = checkedName(call, ++i, "Client names");
    } else {
      throw failure(
        `ERR Syntax error in HELLO option '${quoted(call.latin1(i))}'`,
      );
    }
  }
  if (userAt !== 0) {
    authenticate(call, call.latin1(userAt), call.bytes(userAt + 1));
  }
  return name;
}

/** What stands behind AUTH. */
function* passwords(words: Words): Iterable<number> {
  for (let i = 2; i < words.argc; i++) {
    if (words.is(i, "AUTH") && i + 2 < words.argc) {
      yield ++i;
      yield ++i;
    } else if (words.is(i, "SETNAME")) i++;
  }
}

function introduce({ reply, client, server }: Call): void {
  reply.map(7);
  reply.bulk("server");
  reply.bulk("redis");
  reply.bulk("version");
  reply.bulk(server.redisVersion);
  reply.bulk("proto");
  reply.integer(client.resp);
  reply.bulk("id");
  reply.integer(client.id);
  reply.bulk("mode");
  reply.bulk("standalone");
  reply.bulk("role");
  reply.bulk("master");
  reply.bulk("modules");
  reply.array(0);
}
