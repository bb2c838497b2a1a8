/** An address and a port in one text, as CLIENT LIST shows them. */
export function endpoint(host = "?", port = 0): string {
  const plain = host.startsWith("::ffff:") ? host.slice(7) : host;
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}
