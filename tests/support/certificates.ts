/** Certificates for tests, made on the spot: no key is kept anywhere. */
import { Buffer } from "node:buffer";
import {
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";

export interface Certificate {
  readonly name: string;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  /** Who signs it; without, itself. */
  issuer?: Certificate;
  /** Whether it may sign others. */
  isAuthority?: boolean;
  /** The oldest form, which has no extensions. */
  isVersion1?: boolean;
  notAfter?: string;
  /** Encrypts the key. */
  passphrase?: string;
}

const SEQUENCE = 0x30, SET = 0x31, INTEGER = 2, BITS = 3, OCTETS = 4;
const OBJECT_ID = 6, UTF8 = 12, TIME = 0x18, BOOLEAN = 1;
const EXPLICIT_0 = 0xa0, EXPLICIT_3 = 0xa3;
const NAME_OF_HOST = 0x82, ADDRESS_OF_HOST = 0x87;
const ECDSA_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const COMMON_NAME = [0x55, 4, 3];
const ALT_NAME = [0x55, 0x1d, 0x11];
const CONSTRAINTS = [0x55, 0x1d, 0x13];

/** A certificate of `localhost` and 127.0.0.1 with a key of its own. */
export function makeCertificate(
  name: string,
  options: CertificateOptions = {},
): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
  });
  const { issuer, notAfter = "21251231235959Z" } = options;
  const algorithm = der(SEQUENCE, [der(OBJECT_ID, ECDSA_SHA256)]);
  const body = der(SEQUENCE, [
    ...options.isVersion1 ? [] : [der(EXPLICIT_0, [der(INTEGER, [2])])],
    der(INTEGER, [1, ...randomBytes(8)]),
    algorithm,
    nameOf(issuer?.name ?? name),
    der(SEQUENCE, [time("20200101000000Z"), time(notAfter)]),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    ...options.isVersion1 ? [] : [extensions(options.isAuthority ?? false)],
  ]);
  const signature = sign("sha256", body, issuer?.privateKey ?? privateKey);
  const whole = der(SEQUENCE, [body, algorithm, der(BITS, [0, ...signature])]);
  const { passphrase } = options;
  const key = privateKey.export({
    type: "pkcs8",
    format: "pem",
    ...passphrase ? { cipher: "aes-256-cbc", passphrase } : {},
  }) as string;
  return { name, certificate: pem(whole), key, privateKey };
}

function extensions(isAuthority: boolean): Uint8Array {
  const constraints = isAuthority ? [der(BOOLEAN, [0xff])] : [];
  const hosts = [
    der(NAME_OF_HOST, ascii("localhost")),
    der(ADDRESS_OF_HOST, [127, 0, 0, 1]),
  ];
  return der(EXPLICIT_3, [
    der(SEQUENCE, [
      extension(CONSTRAINTS, der(SEQUENCE, constraints)),
      extension(ALT_NAME, der(SEQUENCE, hosts)),
    ]),
  ]);
}

function extension(id: readonly number[], value: Uint8Array): Uint8Array {
  return der(SEQUENCE, [der(OBJECT_ID, id), der(OCTETS, value)]);
}

function nameOf(text: string): Uint8Array {
  const attribute = [der(OBJECT_ID, COMMON_NAME), der(UTF8, ascii(text))];
  return der(SEQUENCE, [der(SET, [der(SEQUENCE, attribute)])]);
}

function time(text: string): Uint8Array {
  return der(TIME, ascii(text));
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A value with its tag and length; parts are put one after another. */
function der(
  tag: number,
  content: Uint8Array | readonly (number | Uint8Array)[],
): Uint8Array {
  const parts = [...content].flatMap((part) =>
    typeof part === "number" ? [part] : [...part]
  );
  const { length } = parts;
  const lengthBytes = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return Uint8Array.from([tag, ...lengthBytes, ...parts]);
}

function pem(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString("base64").match(/.{1,64}/g)!;
  const label = "CERTIFICATE-----\n";
  return `-----BEGIN ${label}${lines.join("\n")}\n-----END ${label}`;
}
