import { HOT_PING } from "../../keyspace/hot.ts";
import { wrongArity } from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** PING: answers, with PONG or with what it was given. */
export const ping = command({
  name: "PING",
  group: "connection",
  since: "1.0.0",
  summary: "Shows that the connection is alive",
  complexity: "O(1)",
  flags: ["fast"],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  args: [arg.string("message").optional()],
  arity: -1,
  hot: HOT_PING,
  run(call) {
    if (call.argc > 2) throw wrongArity("ping");
    // Whoever only listens gets something that looks like a message.
    if (call.client.subscriptions !== null && call.client.resp === 2) {
      call.reply.array(2);
      call.reply.bulk("pong");
      call.reply.bulk(call.argc === 1 ? "" : call.bytes(1));
    } else if (call.argc === 1) call.reply.simple("PONG");
    else call.reply.bulk(call.bytes(1));
  },
});
