import type { X509Certificate } from "node:crypto";
import process from "node:process";
import type { Demand } from "../net/client_certificates.ts";
import type { TlsTerms } from "../net/tls_context.ts";
import type { TlsIdentity } from "../net/tls_peer.ts";
import type { Config } from "./config/config.ts";
import { describeFileError } from "./config/errors.ts";

/** Why TLS cannot be as the settings say, in the words of the log. */
export class TlsProblem extends Error {}

const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** How `openssl rehash` names what OpenSSL looks for in such a directory. */
const HASHED_NAME = /^[0-9a-f]{8}\.[0-9]+$/;
/** The runtime sends them along; clients refuse longer messages than this. */
const AUTHORITIES_MAX_BYTES = 64 * 1024;

/** Reads the files of the server's end; throws TlsProblem. */
export function readTerms(settings: Config): TlsTerms {
  const certificateFile = settings.get("tls-cert-file");
  const keyFile = settings.get("tls-key-file");
  if (certificateFile === "") problem("No tls-cert-file configured!");
  if (keyFile === "") problem("No tls-key-file configured!");
  const clients = settings.get("tls-auth-clients");
  needAuthorities(settings, clients);
  const pair = readPair(
    settings,
    certificateFile,
    keyFile,
    settings.get("tls-key-file-pass"),
  );
  const authorities = readAuthorities(settings);
  return {
    ...pair,
    ...protocolRange(settings.get("tls-protocols")),
    clients,
    authorities: fitting(authorities, clients),
  };
}

/** What we show to other servers; throws TlsProblem. */
export function readIdentity(settings: Config): TlsIdentity {
  const certificateFile = settings.get("tls-client-cert-file");
  const keyFile = settings.get("tls-client-key-file");
  const hasOwn = certificateFile !== "" && keyFile !== "";
  const pair = hasOwn
    ? readPair(
      settings,
      certificateFile,
      keyFile,
      settings.get("tls-client-key-file-pass"),
    )
    : readPair(
      settings,
      settings.get("tls-cert-file"),
      settings.get("tls-key-file"),
      settings.get("tls-key-file-pass"),
    );
  return { ...pair, authorities: readAuthorities(settings) };
}

/** All files and directories that have a part in it. */
export function tlsPaths(settings: Config): string[] {
  const names = [
    "tls-cert-file",
    "tls-key-file",
    "tls-client-cert-file",
    "tls-client-key-file",
    "tls-ca-cert-file",
    "tls-ca-cert-dir",
  ] as const;
  return names.map((name) => settings.get(name))
    .filter((path) => path !== "")
    .map((path) => settings.pathInDir(path));
}

function problem(text: string): never {
  throw new TlsProblem(text);
}

function needAuthorities(settings: Config, clients: Demand): void {
  const isNeeded = clients !== "no" || settings.get("tls-cluster") ||
    settings.get("tls-replication");
  const isThere = settings.get("tls-ca-cert-file") !== "" ||
    settings.get("tls-ca-cert-dir") !== "";
  if (isThere || !isNeeded) return;
  problem(
    "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when " +
      "tls-cluster, tls-replication or tls-auth-clients are enabled!",
  );
}

function readPair(
  settings: Config,
  certificateFile: string,
  keyFile: string,
  passphrase: string,
): { certificates: string; key: string } {
  const { createPrivateKey, X509Certificate } = process.getBuiltinModule(
    "node:crypto",
  );
  const certificates = attempt(
    `Failed to load certificate: ${certificateFile}`,
    () => certificatesIn(settings.pathInDir(certificateFile)),
  );
  return attempt(`Failed to load private key: ${keyFile}`, () => {
    const key = createPrivateKey({
      key: Deno.readTextFileSync(settings.pathInDir(keyFile)),
      ...(passphrase === "" ? {} : { passphrase }),
    });
    if (!new X509Certificate(certificates[0]).checkPrivateKey(key)) {
      throw new Error("it does not belong to the certificate");
    }
    return {
      certificates: certificates.join("\n"),
      key: key.export({ type: "pkcs8", format: "pem" }) as string,
    };
  });
}

/** The certificates of a file, each of them checked to be one. */
function certificatesIn(path: string): string[] {
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  const found = Deno.readTextFileSync(path).match(CERTIFICATE) ?? [];
  if (found.length === 0) throw new Error("no certificate in it");
  for (const text of found) new X509Certificate(text);
  return found;
}

function readAuthorities(settings: Config): string[] {
  const file = settings.get("tls-ca-cert-file");
  const directory = settings.get("tls-ca-cert-dir");
  return attempt("Failed to configure CA certificate(s) file/directory", () => {
    const found = file === "" ? [] : certificatesIn(settings.pathInDir(file));
    if (directory === "") return found;
    const path = settings.pathInDir(directory);
    for (const { name } of Deno.readDirSync(path)) {
      if (HASHED_NAME.test(name)) {
        found.push(...certificatesIn(`${path}/${name}`));
      }
    }
    return found;
  });
}

/** Those of the authorities that the runtime can be given. */
function fitting(
  authorities: readonly string[],
  clients: Demand,
): readonly string[] {
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  const parsed = authorities.map((text) => new X509Certificate(text));
  const byteCount = parsed.reduce((sum, { raw }) => sum + raw.length, 0);
  const areTooMany = byteCount > AUTHORITIES_MAX_BYTES;
  // Nobody is checked against them; they would complete our own chain.
  if (clients === "no") return areTooMany ? [] : authorities;
  if (areTooMany) {
    problem(
      "tls-ca-cert-file and tls-ca-cert-dir hold more certificates than " +
        "Deno can ask clients for: name only those that vouch for clients, " +
        "or set tls-auth-clients to no",
    );
  }
  const old = parsed.find((certificate) => !isVersion3(certificate));
  if (old !== undefined) {
    // Deno would let in whoever shows it, without its key.
    const name = old.subject.replaceAll("\n", ", ");
    problem(`The CA certificate of ${name} is not of version 3`);
  }
  return authorities;
}

/** In DER: a sequence whose first part is a sequence that begins with [0]. */
function isVersion3({ raw }: X509Certificate): boolean {
  const contentAt = (at: number) => {
    const length = raw[at + 1];
    return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
  };
  const body = contentAt(contentAt(0));
  // [0], 3 bytes long: an integer, 1 byte long, 2 for version 3.
  return [0xa0, 3, 2, 1, 2].every((byte, i) => raw[body + i] === byte);
}

function protocolRange(
  text: string,
): Pick<TlsTerms, "minVersion" | "maxVersion"> {
  const names = text.toLowerCase().split(" ");
  if (text === "") names.splice(0, 1, "tlsv1.2", "tlsv1.3");
  const known = ["tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"];
  if (!names.every((name) => known.includes(name))) {
    problem(
      "Invalid tls-protocols specified. Use a combination of 'TLSv1', " +
        "'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'.",
    );
  }
  const has2 = names.includes("tlsv1.2");
  const has3 = names.includes("tlsv1.3");
  if (!has2 && !has3) problem("Deno's TLS has TLSv1.2 and TLSv1.3 only");
  return {
    minVersion: has2 ? "TLSv1.2" : "TLSv1.3",
    maxVersion: has3 ? "TLSv1.3" : "TLSv1.2",
  };
}

function attempt<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new TlsProblem(`${what}: ${describeFileError(error)}`);
  }
}
