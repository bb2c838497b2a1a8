import { percentText } from "../config/specialKinds.ts";
import type { Server } from "../server.ts";
import { type Fields, safeName } from "./fields.ts";

/** How long the calls of each command took: what so many did not exceed. */
export function durationFields({ dispatcher, settings }: Server): Fields {
  if (!settings.get("latency-tracking")) return [];
  const percents = settings.get("latency-tracking-info-percentiles");
  return [...dispatcher.statistics.uses].flatMap(([command, use]) => {
    const { durations } = use;
    if (durations === null) return [];
    const figures = percents.map((percent) =>
      `p${percentText(percent)}=${durations.percentile(percent).toFixed(3)}`
    );
    const name = `latency_percentiles_usec_${safeName(command.fullName)}`;
    return [[name, figures.join(",")]];
  });
}

/** How often each command was used, and how long that took. */
export function commandFields({ dispatcher }: Server): Fields {
  return [...dispatcher.statistics.uses].map(([command, use]) => {
    const microseconds = Math.round(use.spentMs * 1000);
    const each = use.calls === 0 ? 0 : microseconds / use.calls;
    return [
      `cmdstat_${safeName(command.fullName)}`,
      `calls=${use.calls},usec=${microseconds},` +
      `usec_per_call=${each.toFixed(2)},` +
      `rejected_calls=${use.rejected},failed_calls=${use.failed}`,
    ];
  });
}

/** How often each kind of error was replied, by its first word. */
export function errorFields({ dispatcher }: Server): Fields {
  return [...dispatcher.statistics.errors]
    .sort(([first], [second]) => first < second ? -1 : 1)
    .map(([prefix, count]) => [
      `errorstat_${safeName(prefix)}`,
      `count=${count}`,
    ]);
}
