/** In which the command line says who runs it. Percent-encoded: names are of any script, headers are not. */
export const personHeader = "millrace-person";

export function writePersonHeader(person: string): string {
  return encodeURIComponent(person);
}

/** Without what no name has in it; empty for what cannot be read. */
export function readPersonHeader(header: string | null): string {
  try {
    return decodeURIComponent(header ?? "")
      .replace(/\p{C}/gu, "")
      .trim();
  } catch {
    return "";
  }
}
