import type { FlowDocument } from "@/flow/document";
import type { Point } from "./measures";

type Places = Map<string, Point>;

let worker: Worker | undefined;
let asked = 0;

/** Places for every node, worked out in a thread of its own; here, where a browser does not let it begin. */
export async function layOutAside(document: FlowDocument): Promise<Places> {
  try {
    worker ??= new Worker(new URL("./layout-worker.ts", import.meta.url));
    return await ask(worker, document);
  } catch {
    worker?.terminate();
    worker = undefined;
    const { layOut } = await import("./layout");
    return layOut(document);
  }
}

function ask(aside: Worker, document: FlowDocument): Promise<Places> {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    const end = () => {
      aside.removeEventListener("message", hear);
      aside.removeEventListener("error", fail);
    };
    const hear = ({ data }: MessageEvent<{ id: number; places: Places }>) => {
      if (data.id !== id) return;
      end();
      resolve(data.places);
    };
    const fail = (event: ErrorEvent) => {
      end();
      reject(new Error(event.message));
    };
    aside.addEventListener("message", hear);
    aside.addEventListener("error", fail);
    // Only what the layout looks at: the rest of a document may be large.
    aside.postMessage({ id, document: { ...document, tests: undefined, notes: undefined } });
  });
}
