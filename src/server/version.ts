/** The server's own version; a checkout is not a release. */
export const VERSION = "0.1.0";
/** The Redis whose behaviour is the standard. */
export const REDIS_VERSION = "7.2.4";

/** What a terminal shows at the start. */
export function logo(port: number): string {
  return `

        .-"""-.__        Keysaur ${VERSION}
       /  o     _\`>      speaks Redis ${REDIS_VERSION}
      (      .-'
       \\    (___.--.     Running in standalone mode
     .-'\\   \\      )     Port: ${port}
    (    '-.'-----'      PID: ${Deno.pid}
     \`-._   |_|_|
`;
}
