import type { FlowDocument } from "@/flow/document";
import type { Region } from "@/flow/saga/region";
import type { Simulation } from "@/flow/saga/simulate";
import type { SagaStateView } from "@/server/saga-views";
import type { Way } from "../drawing/flow-drawing";
import type { NodeSide } from "../drawing/node-sides";
import { wayOfSaga } from "../sagas/saga-way";

/** Lays a simulated saga over its drawing: as any saga, with the failure named and the compensations numbered in their order. */
export function wayOfSimulation(document: FlowDocument, region: Region, simulation: Simulation, failing: string): Way {
  const way = wayOfSaga(viewOf(simulation.state), region.start, document);
  const numbers = new Map(simulation.backward.map(({ node, wave }) => [node, wave]));
  const left = new Set(simulation.leftUndone);
  const nodes = Object.fromEntries(
    Object.entries(way.nodes).map(([id, own]) => {
      const number = numbers.get(id);
      const sides = own.sides?.map((side): NodeSide => {
        if (side.side === "action") return id === failing ? { ...side, tone: "bad", word: "Fails here" } : side;
        if (number !== undefined) return { ...side, tone: "undo", word: `Undone as number ${number}`, number };
        return left.has(id) ? { ...side, tone: "warn", word: "Stays done" } : side;
      });
      if (id === failing && simulation.hasFailed) {
        return [
          id,
          { ...own, tone: "bad" as const, word: "Fails here", words: "Fails here", ...(sides ? { sides } : {}) },
        ];
      }
      if (left.has(id))
        return [
          id,
          { ...own, tone: "warn" as const, word: "Stays done", words: "Stays done", ...(sides ? { sides } : {}) },
        ];
      return [id, { ...own, ...(sides ? { sides } : {}) }];
    }),
  );
  return { ...way, nodes };
}

/** The story of the saga alone: what it holds is not drawn. */
function viewOf({ body: _body, visits, ...state }: Simulation["state"]): SagaStateView {
  return {
    ...state,
    body: { text: "", cut: false },
    visits: visits.map(({ output: _output, ...visit }) => visit),
  };
}
