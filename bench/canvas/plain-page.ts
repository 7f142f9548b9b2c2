import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { FlowDocument } from "../../flow/document";
import { drawPlain } from "./drawing";

/** Serves the plain page, built for production, with the same drawing. */
export async function servePlainPage(flow: FlowDocument): Promise<{ url: string; close(): void }> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("plain.tsx", import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const styles = await readFile(
    fileURLToPath(new URL("../../node_modules/@xyflow/react/dist/style.css", import.meta.url)),
    "utf8",
  );
  const page = `<!doctype html><meta charset="utf-8"><title>Plain React Flow</title>
<style>${styles} html, body, #root { height: 100%; margin: 0 }</style><div id="root"></div>
<script>window.drawing = ${JSON.stringify(drawPlain(flow))}</script><script>${outputFiles[0]!.text.replaceAll("</script", "<\\/script")}</script>`;
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(page));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => void server.close() };
}
