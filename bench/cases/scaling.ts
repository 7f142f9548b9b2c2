import { type Case, drawFlow, type FlowSide, kafkaSink, kafkaSource, type Places } from "../case";
import { orders, orders1k, orders10k } from "../shapes";

/** So many filters in a row, each reading the body; all messages pass. */
function drawRow({ input }: Places, topic: string, nodes: number) {
  const filters = Array.from({ length: nodes }, (_, index) => ({
    id: `step-${index + 1}`,
    kind: "filter",
    config: { when: `body.quantity > ${-index}` },
  }));
  const edges = filters.map(({ id }, index) => [index === 0 ? "in" : `step-${index}.pass`, id] as const);
  return drawFlow([kafkaSource(input), ...filters, kafkaSink(topic)], [...edges, [`step-${nodes}.pass`, "out"]]);
}

const side = (
  name: string,
  label: string,
  changes: Partial<FlowSide> & { readonly nodes?: number } = {},
): FlowSide => ({
  by: "flow",
  name,
  label,
  flows: (at) => at.outputs.map((topic) => drawRow(at, topic, changes.nodes ?? 1)),
  ...changes,
});

const flows = (count: number) => ({ output: { to: "topics", count } as const, readers: count });
const partitions = (count: number): Partial<FlowSide> => ({
  input: { from: "topic", shape: orders, partitions: count },
  output: { to: "topics", count: 1, partitions: count },
});

/** How cost grows. Its first side is what the others are compared with: 1 node, 200 bytes, 4 partitions, 1 flow, 1 worker. */
export const scaling: Case = {
  title: "Scaling",
  about: "Filters on the body in a row, all messages pass; each side changes one thing about the first.",
  input: { from: "topic", shape: orders },
  output: { to: "topics", count: 1 },
  perMessage: 1,
  manySides: true,
  sides: [
    side("one", "1 node, 200 bytes, 4 partitions, 1 flow, 1 worker"),
    side("nodes-2", "2 nodes", { nodes: 2 }),
    side("nodes-4", "4 nodes", { nodes: 4 }),
    side("nodes-8", "8 nodes", { nodes: 8 }),
    side("bytes-1k", "1 KB", { input: { from: "topic", shape: orders1k } }),
    side("bytes-10k", "10 KB", { input: { from: "topic", shape: orders10k } }),
    side("partitions-1", "1 partition", partitions(1)),
    side("partitions-16", "16 partitions", partitions(16)),
    side("flows-5", "5 flows", flows(5)),
    side("flows-20", "20 flows", flows(20)),
    side("workers-2", "2 workers", { workers: 2 }),
  ],
};
