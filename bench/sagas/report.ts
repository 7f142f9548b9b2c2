import { showCount, writeTable } from "../report";
import type { SagaResult } from "../results";
import { findMedian } from "../statistics";

const show = (value: number | undefined, digits = 0) => (value === undefined ? "–" : value.toFixed(digits));

/** Sagas of three steps, a line each side. */
export function tableOfSagas({ sides }: SagaResult): string {
  const rows = sides.map(({ label, perSecond, processorMs, p50Ms, p99Ms, writesPerSaga, beside, memoryMb }) => [
    label,
    showCount(findMedian(perSecond)),
    ...(["side", "store", "bench"] as const).map((of) =>
      show(processorMs && findMedian(processorMs.map((each) => each[of])), 2),
    ),
    show(findMedian(p50Ms)),
    show(findMedian(p99Ms)),
    show(writesPerSaga, 1),
    beside ? `${showCount(beside.perSecond)}, p99 ${show(beside.p99Ms)} ms` : "–",
    show(memoryMb),
  ]);
  const head = [
    "side",
    "sagas/s",
    "ms of its processes",
    "ms of its store",
    "ms of the bench",
    "p50 ms at 50/s",
    "p99 ms at 50/s",
    "writes a saga",
    "with 100,000 waiting",
    "most MB",
  ];
  return writeTable(head, rows);
}
