import { monitorInMulti } from "../../protocol/errors.ts";
import { command } from "../define/command.ts";

/** MONITOR: the client sees all commands from now on, until RESET or QUIT. */
export const monitor = command({
  name: "MONITOR",
  group: "server",
  since: "1.0.0",
  summary: "Shows every command that is executed, as it happens",
  flags: ["admin", "noscript", "loading", "stale"],
  run(call) {
    if (call.transaction.isExecuting) throw monitorInMulti;
    // Who does so already gets no second reply.
    if (call.client.isMonitoring) return;
    call.server.monitors.add(call.client);
    call.reply.ok();
  },
});
