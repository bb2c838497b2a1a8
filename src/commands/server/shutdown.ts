import { failure, syntaxError } from "../../protocol/errors.ts";
import type { ShutdownOptions } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

const noShutdown = failure("ERR No shutdown in progress.");

/** SHUTDOWN: ends the server; a client that asks gets no reply. */
export const shutdown = command({
  name: "SHUTDOWN",
  group: "server",
  since: "1.0.0",
  summary: "Ends the server in good order",
  complexity: "O(N) when it saves, N = keys in all databases, otherwise O(1)",
  flags: ["admin", "noscript", "loading", "stale", "no_multi", "allow_busy"],
  history: [["7.0.0", "NOW, FORCE and ABORT were added."]],
  args: [
    arg.oneOf("save-selector", arg.token("NOSAVE"), arg.token("SAVE"))
      .optional(),
    arg.token("NOW").since("7.0.0").optional(),
    arg.token("FORCE").since("7.0.0").optional(),
    arg.token("ABORT").since("7.0.0").optional(),
  ],
  run(call) {
    const given = new Set<string>();
    for (let i = 1; i < call.argc; i++) given.add(call.word(i));
    for (const word of given) {
      if (!OPTIONS.has(word)) throw syntaxError;
    }
    const savesAndNot = given.has("save") && given.has("nosave");
    if (savesAndNot || (given.has("abort") && given.size > 1)) {
      throw syntaxError;
    }
    const { server } = call;
    if (given.has("abort")) {
      if (!server.abortShutdown()) throw noShutdown;
      return call.reply.ok();
    }
    const options: ShutdownOptions = {
      save: given.has("save")
        ? "save"
        : given.has("nosave")
        ? "nosave"
        : "default",
      now: given.has("now"),
      force: given.has("force"),
    };
    call.later(async () => {
      await server.shutdown(options);
      // Whoever asked sees the connection end, and nothing else.
      return () => {};
    });
  },
});

const OPTIONS = new Set(["save", "nosave", "now", "force", "abort"]);
