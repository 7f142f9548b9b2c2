import type { FlowDocument } from "../../flow/document";
import { drawFlow } from "../case";

type Node = FlowDocument["nodes"][number];

const step = (id: string, url: string, undoes: boolean): Node => ({
  id,
  kind: "saga-step",
  config: {
    action: { call: "http", connection: "http", url: `${url}/${id}`, body: "{'id': key}" },
    ...(undoes
      ? { compensation: { call: "http", connection: "http", url: `${url}/${id}/undo`, body: "{'id': key}" } }
      : { pivot: true }),
    into: id,
  },
});

/** Reserve, charge, book: what *Place order* does. */
export function drawOrders(url: string): FlowDocument {
  return {
    ...drawFlow(
      [
        { id: "in", kind: "webhook-source", config: { path: "bench-sagas" } },
        { id: "order", kind: "saga-start", config: { key: "body.id" } },
        step("stock", url, true),
        step("card", url, true),
        step("carrier", url, false),
        { id: "placed", kind: "saga-end", config: {} },
      ],
      [
        ["in", "order"],
        ["order", "stock"],
        ["stock", "card"],
        ["card", "carrier"],
        ["carrier", "placed"],
      ],
    ),
    name: "bench-sagas",
  };
}

/** Sagas that begin and then wait for half a day. */
export function drawWaiting(count: number): FlowDocument {
  return {
    ...drawFlow(
      [
        { id: "in", kind: "generate-source", config: { body: "{'id': 'w-' + n}", count, perSecond: 5_000 } },
        { id: "order", kind: "saga-start", config: { key: "body.id" } },
        { id: "later", kind: "saga-timer", config: { for: "12h" } },
        { id: "placed", kind: "saga-end", config: {} },
      ],
      [
        ["in", "order"],
        ["order", "later"],
        ["later", "placed"],
      ],
    ),
    name: "bench-waiting",
  };
}
