/** The wire under a point of the screen, also when a node that is being dragged covers it. */
export function findWireAt(x: number, y: number): string | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const wire = element.closest<SVGGElement>("[data-edge-id]");
    if (wire?.dataset.edgeId !== undefined) return wire.dataset.edgeId;
  }
  return null;
}
