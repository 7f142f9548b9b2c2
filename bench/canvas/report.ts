import { writeTable } from "../report";
import type { CanvasResult } from "../results";
import { findMedian, ratiosOf, spreadOf } from "../statistics";

/** Frame times of the editor beside those of plain React Flow, a line each deed. */
export function tableOfCanvas({
  frames,
  nodes,
  wires,
  openMs,
  edits,
  heapBeforeMb,
  heapAfterMb,
}: CanvasResult): string {
  const rows = Object.keys(frames.editor).map((deed) => {
    const [own, plain] = [frames.editor[deed]!, frames.plain[deed]!];
    const show = (of: "medianMs" | "p95Ms") => {
      const ratios = spreadOf(
        ratiosOf(
          own.map((each) => each[of]),
          plain.map((each) => each[of]),
        ),
      );
      return [
        findMedian(own.map((each) => each[of])).toFixed(1),
        findMedian(plain.map((each) => each[of])).toFixed(1),
        `${ratios.median.toFixed(2)} (${ratios.min.toFixed(2)} to ${ratios.max.toFixed(2)})`,
      ];
    };
    return [deed, ...show("medianMs"), ...show("p95Ms")];
  });
  const head = ["", "frame, ms", "plain, ms", "÷ plain", "p95, ms", "plain p95, ms", "÷ plain p95"];
  const intro = `${nodes} nodes and ${wires} wires, all counts moving. Opened in ${(openMs / 1000).toFixed(1)} s; ${heapBeforeMb.toFixed(0)} MB of objects before ${edits} edits, ${heapAfterMb.toFixed(0)} MB after.`;
  return `${intro}\n\n${writeTable(head, rows)}`;
}
