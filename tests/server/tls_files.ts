/** The files of a TLS server, and clients of it. */
import { type Certificate, makeCertificate } from "../support/certificates.ts";
import { Client } from "../support/client.ts";
import { freePort } from "../support/launch.ts";

export class TlsFiles implements AsyncDisposable {
  readonly authority = makeCertificate("authority", { isAuthority: true });
  readonly server = makeCertificate("server", { issuer: this.authority });
  readonly client = makeCertificate("client", { issuer: this.authority });
  /** Nobody who is trusted vouches for it. */
  readonly stranger = makeCertificate("stranger");
  readonly tlsPort = freePort();
  readonly dir = Deno.makeTempDirSync({ prefix: "keysaur-tls-" });

  constructor() {
    this.write("ca.crt", this.authority.certificate);
    this.write("server.crt", this.server.certificate);
    this.write("server.key", this.server.key);
    this.write("client.crt", this.client.certificate);
    this.write("client.key", this.client.key);
    this.write("stranger.crt", this.stranger.certificate);
    this.write("stranger.key", this.stranger.key);
  }

  /** The settings of a server that uses them. */
  get settings() {
    return {
      "tls-port": this.tlsPort,
      "tls-cert-file": this.path("server.crt"),
      "tls-key-file": this.path("server.key"),
      "tls-ca-cert-file": this.path("ca.crt"),
    } as const;
  }

  path(name: string): string {
    return `${this.dir}/${name}`;
  }

  write(name: string, text: string): void {
    Deno.writeTextFileSync(this.path(name), text);
  }

  /** A client, with a certificate or without. */
  async connect(
    shown: Certificate | null = null,
    { port = this.tlsPort, authority = this.authority } = {},
  ): Promise<Client> {
    const connection = await Deno.connectTls({
      hostname: "localhost",
      port,
      caCerts: [authority.certificate],
      ...shown && { cert: shown.certificate, key: shown.key },
    });
    return new Client(connection);
  }

  /** What PING says to such a client, or "refused". */
  async ping(shown: Certificate | null = null): Promise<string> {
    try {
      using client = await this.connect(shown);
      return String(await client.call("PING"));
    } catch (error) {
      const wasRefused = /hung up|reset|broken|fatal alert|eof/i;
      if (wasRefused.test(String(error))) return "refused";
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}
