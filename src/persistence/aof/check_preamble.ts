import { Engine } from "../../engine/engine.ts";
import { RdbError, RdbLoader } from "../rdb_loader.ts";

const CHUNK_BYTES = 2 ** 18;

/**
 * Checks the RDB file that a log begins with, or that is its base, and prints
 * what redis-check-rdb prints of one. Returns where it ends, null when it is
 * damaged.
 */
export function checkPreamble(
  path: string,
  print: (text: string) => void,
): number | null {
  using file = Deno.openSync(path);
  const say = (offset: number, text: string) =>
    print(`[offset ${offset}] ${text}\n`);
  say(0, `Checking RDB file ${path}`);
  const loader: RdbLoader = new RdbLoader(new Engine(), null, {
    byteCount: file.statSync().size,
    events: {
      aux: (name, value) =>
        say(loader.offset, `AUX FIELD ${name} = '${value}'`),
      select: (index) => say(loader.offset, `Selecting DB ID ${index}`),
    },
  });
  try {
    readAll(file, loader);
    say(
      loader.offset,
      {
        "none": "RDB version is too old to have a checksum",
        "good": "Checksum OK",
        "zero":
          "RDB file was saved with checksum disabled: no check performed.",
        "unchecked": "Checksum not checked",
      }[loader.checksum],
    );
    say(loader.offset, "\\o/ RDB looks OK! \\o/");
    return loader.offset;
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    print(`--- RDB ERROR DETECTED ---\n${error.message}\n`);
    return null;
  } finally {
    print(
      `[info] ${loader.keys} keys read\n[info] ${loader.dueKeys} expires\n` +
        `[info] ${loader.expiredKeys} already expired\n`,
    );
    loader.close();
  }
}

function readAll(file: Deno.FsFile, loader: RdbLoader): void {
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const progress = loader.step();
    if (progress === "done") return;
    if (progress === "again") continue;
    const byteCount = file.readSync(chunk);
    if (byteCount === null) loader.end();
    else loader.feed(chunk.subarray(0, byteCount));
  }
}
