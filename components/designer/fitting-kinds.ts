import type { FlowDocument } from "@/flow/document";
import { type Endpoint, nameEdge, parseEndpoint } from "@/flow/graph";
import type { Kind } from "@/flow/kind";
import { endsSaga } from "@/flow/saga/region";
import { isInsideSaga, staysInSaga } from "../drawing/regions";
import { searchKinds } from "./kind-list";
import { countUse } from "./kind-use";
import { fitsInPlaceOf } from "./replace";

/** Where a node is to come: behind an open port, into a wire, or free. */
export interface Opening {
  from?: Endpoint;
  /** The input before which it comes. */
  to?: Endpoint;
  /** As `nameEdge` names it. */
  wire?: string;
  /** The node in whose place it comes. */
  replaces?: string;
}

/** Kinds that may come there and fit what is typed, best first: as nothing is typed yet, the most used. */
export function findFitting(document: FlowDocument, opening: Opening, text: string): Kind[] {
  const { replaces } = opening;
  const isFree = opening.wire === undefined && !opening.from && !opening.to;
  const fits = (kind: Kind) =>
    replaces === undefined ? isFree || fitsAt(document, opening, kind) : fitsInPlaceOf(document, replaces, kind);
  const found = searchKinds(text, fits);
  const from = startOf(document, opening);
  // Inside of a saga its own kinds come first; outside, and free, what stands in a saga alone comes last.
  const first = from && staysInSaga(document, from) ? "only" : undefined;
  const rank = (kind: Kind) => (first ? Number(kind.inSaga !== first) : Number(kind.inSaga === "only"));
  // Who types a name means it.
  if (text.trim() !== "") return found;
  const use = countUse(document);
  return found.toSorted((a, b) => rank(a) - rank(b) || use(b.kind) - use(a.kind));
}

/** May a node of the kind stand there? Behind a port only what takes messages, in a wire only what hands them on; in a saga what may stand in one. */
export function fitsAt(document: FlowDocument, opening: Opening, kind: Kind): boolean {
  if (opening.to) return fitsBefore(document, opening.to, kind);
  if (opening.wire !== undefined ? kind.role !== "step" : kind.role === "source") return false;
  const from = startOf(document, opening);
  if (!from) return true;
  if (!staysInSaga(document, from)) return kind.inSaga !== "only";
  return kind.inSaga !== undefined && !(opening.wire !== undefined && endsSaga(kind));
}

/** Before an input only what hands messages on; what comes into a saga behind its start is of that saga, or comes from outside by an entrance. */
function fitsBefore(document: FlowDocument, { node, port }: Endpoint, kind: Kind): boolean {
  if (kind.role === "sink") return false;
  return port === "in" && isInsideSaga(document, node)
    ? kind.inSaga !== undefined && !endsSaga(kind)
    : kind.holds !== "saga" && (kind.inSaga !== "only" || endsSaga(kind));
}

function startOf(document: FlowDocument, { from, wire }: Opening): Endpoint | undefined {
  if (from) return from;
  const edge = document.edges.find((each) => nameEdge(each) === wire);
  return edge && parseEndpoint(edge.from, "out");
}
