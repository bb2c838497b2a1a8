import { clientsFields } from "./info/clients.ts";
import {
  commandFields,
  durationFields,
  errorFields,
} from "./info/command_use.ts";
import type { Fields } from "./info/fields.ts";
import { keyspaceFields } from "./info/keyspace.ts";
import { memoryFields } from "./info/memory.ts";
import { persistenceFields } from "./info/persistence.ts";
import { replicationFields } from "./info/replication.ts";
import { cpuFields, serverFields } from "./info/server.ts";
import { debugFields, statsFields } from "./info/stats.ts";
import type { Server } from "./server.ts";

interface Section {
  /** The word that asks for it; the title is the same with a capital. */
  readonly name: string;
  /** Another word for it. */
  readonly alias?: string;
  /**
   * Who gets it without naming it: "default" for a bare INFO, "all" for ALL
   * and EVERYTHING only, "nobody" for a section that must be named.
   */
  readonly shownTo: "default" | "all" | "nobody";
  fields(server: Server): Fields;
}

/** All sections, in the order in which they are shown. */
const SECTIONS: readonly Section[] = [
  { name: "server", shownTo: "default", fields: serverFields },
  { name: "clients", shownTo: "default", fields: clientsFields },
  { name: "memory", shownTo: "default", fields: memoryFields },
  { name: "persistence", shownTo: "default", fields: persistenceFields },
  { name: "stats", shownTo: "default", fields: statsFields },
  { name: "replication", shownTo: "default", fields: replicationFields },
  { name: "cpu", shownTo: "default", fields: cpuFields },
  {
    name: "modules",
    alias: "module_list",
    shownTo: "default",
    fields: () => [],
  },
  { name: "commandstats", shownTo: "all", fields: commandFields },
  { name: "errorstats", shownTo: "default", fields: errorFields },
  { name: "latencystats", shownTo: "all", fields: durationFields },
  {
    name: "cluster",
    shownTo: "default",
    fields: () => [["cluster_enabled", 0]],
  },
  { name: "keyspace", shownTo: "default", fields: keyspaceFields },
  { name: "debug", shownTo: "nobody", fields: debugFields },
];

/**
 * The text of INFO. `sections` are words in lower case: names of sections,
 * `default`, `all` or `everything`; none at all means `default`. A word that
 * means nothing gives nothing.
 */
export function infoText(server: Server, sections: readonly string[]): string {
  const words = new Set(sections.length === 0 ? ["default"] : sections);
  return SECTIONS.filter((section) => isWanted(section, words))
    .map((section) => sectionText(section, server))
    .join("\r\n");
}

function isWanted(
  { name, alias, shownTo }: Section,
  words: ReadonlySet<string>,
): boolean {
  if (words.has(name) || (alias !== undefined && words.has(alias))) return true;
  if (shownTo === "nobody") return false;
  return words.has("all") || words.has("everything") ||
    (shownTo === "default" && words.has("default"));
}

function sectionText({ name, fields }: Section, server: Server): string {
  const title = name[0].toUpperCase() + name.slice(1);
  // CPU is the one title that is an abbreviation.
  let text = `# ${title === "Cpu" ? "CPU" : title}\r\n`;
  for (const [field, value] of fields(server)) text += `${field}:${value}\r\n`;
  return text;
}
