import type { FlowDocument } from "@/flow/document";
import { layOut } from "./layout";

/** The layout in a thread of its own (`lay-out-aside.ts`): a large drawing is laid out while the canvas goes on. */
addEventListener("message", ({ data }: MessageEvent<{ id: number; document: FlowDocument }>) => {
  postMessage({ id: data.id, places: layOut(data.document) });
});
