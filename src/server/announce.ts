import type { Config } from "./config/config.ts";
import type { Log } from "./log.ts";
import { logo, VERSION } from "./version.ts";

/** The first lines of the log: who starts, and with which settings. */
export function announce(settings: Config, log: Log): void {
  log.write("notice", "oO0OoO0OoO0Oo Keysaur is starting oO0OoO0OoO0Oo");
  log.write(
    "notice",
    `Keysaur version=${VERSION}, compatible with Redis 7.2.4, bits=32, ` +
      `pid=${Deno.pid}, just started`,
  );
  const file = settings.configFile;
  log.write(
    file ? "notice" : "warning",
    file
      ? "Configuration loaded"
      : "No config file given, using the default config. In order to " +
        "specify one use: main.ts /path/to/redis.conf",
  );
  const port = settings.get("port") || settings.get("tls-port");
  const wantsLogo = settings.get("always-show-logo") ||
    (settings.get("logfile") === "" && Deno.stdout.isTerminal());
  log.write(
    "notice",
    wantsLogo ? logo(port) : `Running mode=standalone, port=${port}.`,
  );
}
