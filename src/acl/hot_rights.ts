/**
 * What the engine's batch loop must know of a user to execute hot commands by
 * itself: which ones with any key, and which ones with keys of certain
 * patterns. What this leaves out is not forbidden: the loop hands it over, and
 * the rules decide.
 */
import type { Command } from "../commands/define/command.ts";
import { hasKeys } from "../commands/define/keys.ts";
import { PERMISSION_OPERATIONS } from "../engine/codes.ts";
import type { PermissionFacts } from "../engine/permission.ts";
import { hasChannels } from "./channel_rights.ts";
import { accessOf } from "./key_rights.ts";
import type { Rules } from "./rules.ts";
import type { Selector } from "./selector.ts";

export function hotRightsOf(
  rules: Rules,
  commands: readonly Command[],
): PermissionFacts {
  const byPattern = new Map<string, number>();
  const keySteps = new Uint8Array(PERMISSION_OPERATIONS);
  let withAnyKey = 0;
  for (const command of commands) {
    const { hot } = command;
    const step = keyStepOf(command);
    if (hot === 0 || hot >= PERMISSION_OPERATIONS || step === null) continue;
    if (hasChannels(command)) continue;
    keySteps[hot] = step;
    const selectors = rules.selectors.filter((selector) =>
      selector.commands.allowsAny(command)
    );
    const isFree = (selector: Selector) =>
      selector.keys.isComplete || !hasKeys(command);
    if (selectors.some(isFree)) withAnyKey |= 1 << hot;
    // Of several keys each must be allowed by the same selector.
    if (step !== 0 && selectors.length > 1) continue;
    const access = accessNeeded(command);
    for (const selector of selectors) {
      for (const [pattern, allowed] of selector.keys.patterns) {
        if ((allowed & access) !== access) continue;
        byPattern.set(pattern, (byPattern.get(pattern) ?? 0) | 1 << hot);
      }
    }
  }
  return { withAnyKey, byPattern, keySteps };
}

/**
 * Null when the keys do not begin behind the name and go on to the end. What
 * waits for keys is hot with a single one.
 */
function keyStepOf(command: Command): number | null {
  if (!hasKeys(command)) return 0;
  const { firstKey, lastKey, keyStep, isPartial } = command.legacyRange;
  if (firstKey !== 1 || isPartial) return null;
  if (lastKey === 1 || command.waitOf !== null) return 0;
  return lastKey === -1 ? keyStep : null;
}

/** All that any call of it may do with its keys. */
function accessNeeded({ keySpecs }: Command): number {
  return keySpecs.reduce((access, { flags }) => access | accessOf(flags), 0);
}
