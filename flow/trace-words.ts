import { defaultTrace, type FlowSettings } from "./document";

/** What is kept of the runs that end well, for a person: `10 a second`; null where all are. A share goes before a number each second. */
export function describeKept(trace: FlowSettings["trace"]): string | null {
  const { share, perSecond = defaultTrace.perSecond } = trace ?? (defaultTrace as NonNullable<FlowSettings["trace"]>);
  if (share !== undefined && share >= 1) return null;
  const also = trace?.when ? ", and what its settings ask for" : "";
  if ((share ?? perSecond) <= 0) return `none${also}`;
  if (share !== undefined) return `${Number((share * 100).toPrecision(3))} %${also}`;
  return `${perSecond} a second on each worker${also}`;
}
