/** Whether clients have to show a certificate. */
export type Demand = "no" | "optional" | "yes";

/** What a TLS connection tells of the client. */
export interface Shown {
  /** Whether the certificate was checked in this handshake, and is good. */
  readonly authorized: boolean;
  isSessionReused(): boolean;
  getPeerX509Certificate(): { readonly fingerprint256: string } | undefined;
}

/** More certificates than this are not kept in mind. */
const KNOWN_MAX = 10_000;

/**
 * Who may come in by what he has shown. The runtime checks certificates, but
 * leaves one thing to us: a client may go on with an earlier session in place
 * of showing one, and the keys of all sessions of the process are the same. A
 * session that began where no certificate was wanted, or with one that was not
 * good enough, would open this door too. So a resumed session is good only when
 * its certificate has been checked here.
 */
export class ClientCertificates {
  readonly #demand: Demand;
  /** Fingerprints of what has been checked. */
  readonly #known = new Set<string>();

  constructor(demand: Demand) {
    this.#demand = demand;
  }

  mayEnter(shown: Shown): boolean {
    if (this.#demand === "no") return true;
    const certificate = shown.getPeerX509Certificate();
    if (certificate === undefined) return this.#demand === "optional";
    const { fingerprint256 } = certificate;
    if (shown.isSessionReused()) return this.#known.has(fingerprint256);
    if (!shown.authorized) return false;
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.add(fingerprint256);
    return true;
  }
}
