/**
 * DEBUG RELOAD and LOADAOF: the data goes through its files and comes back,
 * which must not change it. Nobody else is served from data that is half there.
 */
import { failure } from "../../protocol/errors.ts";
import type { Call, LaterEnd } from "../call.ts";

const reloadOptions = failure(
  "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.",
);

const replyOk: LaterEnd = (call) => call.reply.ok();

export function reload(call: Call): void {
  const options = { saves: true, flushes: true, merges: false };
  for (let i = 2; i < call.argc; i++) {
    if (call.is(i, "MERGE")) options.merges = true;
    else if (call.is(i, "NOFLUSH")) options.flushes = false;
    else if (call.is(i, "NOSAVE")) options.saves = false;
    else throw reloadOptions;
  }
  const { server } = call;
  call.later(async () => {
    await server.persistence.reload(options);
    server.log("warning", "DB reloaded by DEBUG RELOAD");
    return replyOk;
  });
}

export function reloadLog(call: Call): void {
  const { server } = call;
  call.later(async () => {
    await server.persistence.reloadLog();
    server.log("warning", "Append Only File loaded by DEBUG LOADAOF");
    return replyOk;
  });
}
