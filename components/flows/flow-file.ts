import type { FlowDocument } from "@/flow/document";
import { downloadText } from "../ui/download";

/** Gives a flow to the browser as a file, as Git and the command line keep it. */
export function downloadFlow(name: string, document: unknown): void {
  downloadText(`${name}.flow.json`, "application/json", [`${JSON.stringify(document, null, 2)}\n`]);
}

/** Reads a chosen file. What is in it is checked by the server. @throws Error with words for the form. */
export async function readFlowFile(file: File): Promise<FlowDocument> {
  if (file.size > 5_000_000) throw new Error("The file is larger than 5 MB; a flow file is not.");
  let parsed: unknown;
  try {
    parsed = JSON.parse(await file.text());
  } catch (cause) {
    throw new Error(`${file.name} is not JSON: ${(cause as Error).message}`);
  }
  if (typeof parsed !== "object" || parsed === null || !("nodes" in parsed))
    throw new Error(`${file.name} is JSON, but not a flow file: it has no nodes.`);
  return parsed as FlowDocument;
}

/** `Orders by country` → `orders-by-country`: a name as files, addresses and the command line use it. */
export function nameFromTitle(title: string): string {
  return title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63)
    .replace(/-+$/, "");
}
