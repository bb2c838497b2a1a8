import type { MemoryReport } from "./memory_report.ts";

const MIB = 2 ** 20;
/** Below this there is nothing to judge. */
const EMPTY_BYTES = 5 * MIB;
/** A smaller excess is not worth a word, whatever its ratio. */
const NOTABLE_BYTES = 10 * MIB;
/** The runtime takes some tens of MiB by itself. */
const RUNTIME_BYTES = 256 * MIB;
const CLIENT_BYTES = 200 * 1024;

interface Finding {
  readonly title: string;
  readonly advice: string;
  applies(report: MemoryReport, clientCount: number): boolean;
}

const FINDINGS: readonly Finding[] = [{
  title: "Past peak",
  advice:
    "Once more than half as much again was in use as now. The engine keeps " +
    "the pages of that time and fills them before it asks for more, so the " +
    "process stays as large as it was. Only a restart makes it smaller.",
  applies: ({ peak, used }) => peak > 1.5 * used,
}, {
  title: "Fragmented pages",
  advice: "Pages in use have many free places. That follows the deletion of " +
    "many small values or a change of their usual size. New values of the " +
    "old sizes fill the places; MEMORY MALLOC-STATS shows which sizes.",
  applies: ({ fragmentation: { ratio, bytes } }) =>
    ratio > 1.25 && bytes > NOTABLE_BYTES,
}, {
  title: "Free pages",
  advice:
    "The engine holds many pages that nothing uses. They serve the next " +
    "data. Wasm memory cannot be given back to the system while the server " +
    "runs.",
  applies: ({ freePages: { ratio, bytes } }) =>
    ratio > 1.25 && bytes > NOTABLE_BYTES,
}, {
  title: "Large runtime",
  advice: "The process takes far more memory than the engine. Many " +
    "connections, replies that wait to be sent and scripts are the usual " +
    "reasons: see CLIENT LIST.",
  applies: ({ runtime }) => runtime.bytes > RUNTIME_BYTES,
}, {
  title: "Large client buffers",
  advice: "Clients take more than 200 KiB each in the mean. Somebody sends " +
    "huge pipelines, asks for huge replies or does not read what is sent: " +
    "see obl, omem and qbuf in CLIENT LIST, and client-output-buffer-limit.",
  applies: ({ clientBytes }, clientCount) =>
    clientCount > 0 && clientBytes / clientCount > CLIENT_BYTES,
}];

/** MEMORY DOCTOR: what stands out in a report, and what to do about it. */
export function diagnosis(report: MemoryReport, clientCount: number): string {
  if (report.used < EMPTY_BYTES) {
    return "There is too little data to say anything: less than 5 MiB are " +
      "in use. Ask again when the server has work to do.\n";
  }
  const found = FINDINGS.filter((one) => one.applies(report, clientCount));
  if (found.length === 0) {
    return "Nothing stands out: memory is used as it should be.\n";
  }
  return "This stands out in the use of memory:\n\n" +
    found.map(({ title, advice }) => ` * ${title}: ${advice}\n\n`).join("");
}
