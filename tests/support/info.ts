/** The value of a field of INFO's text; throws when it has no such field. */
export function infoField(text: string, name: string): string {
  const found = text.match(new RegExp(`^${name}:(.*)\r$`, "m"));
  if (found === null) throw new Error(`no field ${name} in INFO`);
  return found[1];
}
