/**
 * The values that single directives refuse although their kind takes them.
 * Each check answers with Redis's reason, or undefined where all is well.
 */

/** A name of a file or directory inside `dir`, not a path to elsewhere. */
export function checkBaseName(
  directiveName: string,
  noun: "filename" | "dirname",
  name: string,
): string | undefined {
  return /[/\\]/.test(name)
    ? `${directiveName} can't be a path, just a ${noun}`
    : undefined;
}

const HOSTNAME_LIMIT = 256;

export function checkHostname(name: string): string | undefined {
  if (name.length >= HOSTNAME_LIMIT) {
    return `Hostnames must be less than ${HOSTNAME_LIMIT} characters`;
  }
  return /^[A-Za-z0-9.-]*$/.test(name)
    ? undefined
    : "Hostnames may only contain alphanumeric characters, hyphens or dots";
}

/** The signs that mean something in the cluster's nodes file are kept out. */
export function checkNodeName(name: string): string | undefined {
  return /[!#$%&()*+:;<>?@[\]^{|}~\0]/.test(name)
    ? "Announced human node name contained invalid character"
    : undefined;
}

const TITLE_VARIABLES = [
  "title",
  "listen-addr",
  "server-mode",
  "config-file",
  "port",
  "tls-port",
  "unixsocket",
];

/** Variables that may be empty, so that a title of nothing else is none. */
const OFTEN_EMPTY_VARIABLES = ["title", "server-mode", "unixsocket"];

export function checkProcessTitle(template: string): string | undefined {
  let isValid = true;
  const title = template.replace(
    /\{(?:(\{)|([^}]*)\}|[^]*$)/g,
    (_whole, brace?: string, variable?: string) => {
      if (brace !== undefined) return brace;
      isValid &&= variable !== undefined && TITLE_VARIABLES.includes(variable);
      return OFTEN_EMPTY_VARIABLES.includes(variable ?? "") ? "" : "value";
    },
  );
  return isValid && title.replace(/^ +| +$/g, "") !== ""
    ? undefined
    : "template format is invalid or contains unknown variables";
}
