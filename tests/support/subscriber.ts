/** A stream's lines with a space between them, lengths left out. */
export function shown(text: string): string {
  return text.replaceAll(/\$\d+\r\n/g, "").trimEnd().replaceAll("\r\n", " ");
}
