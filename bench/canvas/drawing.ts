import { type FlowDocument, flowFormat } from "../../flow/document";

const columns = 25;
const rows = 20;
/** Beyond the 480 that lead from column to column. */
const crossing = 220;
const [stepX, stepY] = [280, 110];

const idOf = (column: number, row: number) => `n-${column}-${row}`;

/**
 * 500 nodes and 700 wires, as a large integration looks: twenty sources, rows of filters and maps that cross over, sinks at the end.
 * It runs: each source makes a message twice a second, so that all counts move.
 */
export function drawLargeFlow(name: string): FlowDocument {
  const nodes: FlowDocument["nodes"] = [];
  const edges: FlowDocument["edges"] = [];
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      nodes.push({
        id: idOf(column, row),
        ...kindOf(column, row),
        position: { x: column * stepX, y: row * stepY },
      });
      if (column > 0) edges.push({ from: portOf(column - 1, row), to: idOf(column, row) });
    }
  }
  for (let count = 0; count < crossing; count++) {
    const column = 1 + (count % (columns - 2));
    const row = (count * 7) % rows;
    edges.push({ from: portOf(column, row), to: idOf(column + 1, (row + 1) % rows) });
  }
  return { format: flowFormat, name, title: "Five hundred nodes", nodes, edges };
}

function kindOf(column: number, row: number): Pick<FlowDocument["nodes"][number], "kind" | "config"> {
  if (column === 0) return { kind: "generate-source", config: { perSecond: 2, body: `{'n': n, 'row': ${row}}` } };
  if (column === columns - 1) return { kind: "log", config: {} };
  // One in three keeps a half, so that the crossing wires do not double the messages at each column.
  return column % 3 === 0
    ? { kind: "filter", config: { when: `(body.n + ${column}) % 2 == 0` } }
    : { kind: "map", config: { set: { [`c${column}`]: "body.n + 1" } } };
}

function portOf(column: number, row: number): string {
  const id = idOf(column, row);
  return column > 0 && column % 3 === 0 && column < columns - 1 ? `${id}.pass` : id;
}

/** The same places and wires for React Flow's own nodes. */
export function drawPlain(flow: FlowDocument) {
  return {
    nodes: flow.nodes.map(({ id, position }) => ({ id, position: position!, data: { label: id } })),
    edges: flow.edges.map(({ from, to }, index) => ({
      id: `e${index}`,
      source: from.split(".")[0]!,
      target: to.split(".")[0]!,
    })),
  };
}
