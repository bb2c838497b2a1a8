/** From the most talkative to silence, as `loglevel` names them. */
const LEVELS = ["debug", "verbose", "notice", "warning", "nothing"] as const;
export type LogLevel = typeof LEVELS[number];

const MARKS: Record<LogLevel, string> = {
  debug: ".",
  verbose: "-",
  notice: "*",
  warning: "#",
  nothing: " ",
};

const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

/** The server's log, in Redis's format: `pid:role date mark text`. */
export class Log {
  level: LogLevel = "notice";
  /** M for a primary, S for a replica. */
  role = "M";
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /**
   * Writes to a file, or to standard output when the path is empty. Throws
   * when the file cannot be opened.
   */
  static to(path: string): Log {
    const bytes = new TextEncoder();
    if (path === "") {
      return new Log((line) => void Deno.stdout.writeSync(bytes.encode(line)));
    }
    Deno.openSync(path, { append: true, create: true }).close();
    // Opened for each line, so that a rotated file is let go.
    return new Log((line) =>
      Deno.writeFileSync(path, bytes.encode(line), { append: true })
    );
  }

  write(level: LogLevel, text: string): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.level)) return;
    const line = `${Deno.pid}:${this.role} ${stamp(new Date())} ` +
      `${MARKS[level]} ${text}\n`;
    try {
      this.#write(line);
    } catch {
      // A full disk or a closed pipe must not end the server.
    }
  }
}

function stamp(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map(two).join(":");
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getDate())} ${MONTHS[date.getMonth()]} ` +
    `${date.getFullYear()} ${clock}.${ms}`;
}
