import { noSamples } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { type Command, command, type Tip } from "../define/command.ts";
import { helpOf } from "../define/help.ts";
import type { DurationFace } from "../observation.ts";

const FLAGS = ["admin", "noscript", "loading", "stale"] as const;
/** How proxies put the replies of several servers together. */
const EACH_FOR_ITSELF: readonly Tip[] = [
  "nondeterministic_output",
  "request_policy:all_nodes",
  "response_policy:special",
];

/** LATENCY: what took long, and how long commands take. */
export const latency = command({
  name: "LATENCY",
  group: "server",
  since: "2.8.13",
  summary: "Groups the commands about latency",
  complexity: "Depends on the subcommand",
  flags: [],
  subcommands: [{
    name: "DOCTOR",
    since: "2.8.13",
    summary: "Tells what took long and what to do about it",
    complexity: "O(1)",
    flags: FLAGS,
    tips: EACH_FOR_ITSELF,
    run(call) {
      call.reply.verbatim(call.server.latency.advice());
    },
  }, {
    name: "GRAPH",
    since: "2.8.13",
    summary: "Draws how long an event took",
    complexity: "O(1)",
    flags: FLAGS,
    tips: EACH_FOR_ITSELF,
    args: [arg.string("event")],
    run(call) {
      const event = call.latin1(2);
      const graph = call.server.latency.graph(event);
      if (graph === null) throw noSamples(event);
      call.reply.verbatim(graph);
    },
  }, {
    name: "HISTOGRAM",
    since: "7.0.0",
    summary: "Replies with how many calls of commands took how long",
    complexity: "O(N), N = commands that have been used",
    flags: FLAGS,
    tips: EACH_FOR_ITSELF,
    args: [arg.string("command").optional().multiple()],
    run: replyHistograms,
  }, {
    name: "HISTORY",
    since: "2.8.13",
    summary: "Replies with when an event took how long",
    complexity: "O(1)",
    flags: FLAGS,
    tips: EACH_FOR_ITSELF,
    args: [arg.string("event")],
    run(call) {
      const samples = call.server.latency.history(call.latin1(2));
      call.reply.array(samples.length);
      for (const { unixSeconds, ms } of samples) {
        call.reply.array(2);
        call.reply.integer(unixSeconds);
        call.reply.integer(ms);
      }
    },
  }, {
    name: "LATEST",
    since: "2.8.13",
    summary: "Replies with the last time that each event took long",
    complexity: "O(1)",
    flags: FLAGS,
    tips: EACH_FOR_ITSELF,
    run({ reply, server }) {
      const latest = server.latency.latest();
      reply.array(latest.length);
      for (const { event, last, maxMs } of latest) {
        reply.array(4);
        reply.bulk(event);
        reply.integer(last.unixSeconds);
        reply.integer(last.ms);
        reply.integer(maxMs);
      }
    },
  }, {
    name: "RESET",
    since: "2.8.13",
    summary: "Forgets what events took long",
    complexity: "O(1)",
    flags: FLAGS,
    tips: ["request_policy:all_nodes", "response_policy:agg_sum"],
    args: [arg.string("event").optional().multiple()],
    run(call) {
      const { latency } = call.server;
      let count = call.argc === 2 ? latency.reset() : 0;
      for (let i = 2; i < call.argc; i++) {
        count += latency.reset(call.latin1(i));
      }
      call.reply.integer(count);
    },
  }, helpOf("LATENCY", "2.8.13")],
});

/** Of the commands that are named, or of all; each with its subcommands. */
function replyHistograms(call: Call): void {
  const { reply, server: { durations } } = call;
  const found = call.argc === 2
    ? [...durations.all()]
    : namedCommands(call).flatMap((one) => {
      const known = durations.of(one);
      return known === null ? [] : [[one, known] as const];
    });
  reply.map(found.length);
  for (const [{ fullName }, known] of found) {
    reply.bulk(fullName);
    replyHistogram(call, known);
  }
}

function namedCommands(call: Call): Command[] {
  const named: Command[] = [];
  for (let i = 2; i < call.argc; i++) {
    const found = call.commands.findFull(call.latin1(i));
    if (found) named.push(found, ...found.subcommands);
  }
  return named;
}

function replyHistogram({ reply }: Call, known: DurationFace): void {
  const steps = known.steps();
  reply.map(2);
  reply.bulk("calls");
  reply.integer(known.count);
  reply.bulk("histogram_usec");
  reply.map(steps.length);
  for (const [microseconds, count] of steps) {
    reply.integer(microseconds);
    reply.integer(count);
  }
}
