/** Abuses a server on a thread of its own, so that the meter does not feel it. */
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
import { ABUSES, type Target } from "./abuses.ts";

const over = new AbortController();

self.onmessage = async ({ data }: MessageEvent) => {
  if (data === "stop") return over.abort();
  const { name, target } = data as { name: string; target: Target };
  const abuse = ABUSES.find((one) => one.name === name)!;
  const answerCount = await abuse.run(target, over.signal).catch((error) => {
    console.error(`${name}: ${error}`);
    return NaN;
  });
  self.postMessage(answerCount);
};
