import type { CaseResult, Results, SideResult } from "./results";
import { findMedian, ratiosOf, type Spread, spreadOf } from "./statistics";

/** What was promised, and what came out. */
export interface Goal {
  readonly case: string;
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: boolean;
}

/** The goals for which there are results; a missed one is told like a met one. */
export function judge({ cases, sagas }: Pick<Results, "cases" | "sagas">): Goal[] {
  const goals: Goal[] = [];
  const ratio = (name: string, what: string, side: Measured, other: Measured, least: number) => {
    const ratios = compare(side, other);
    if (!ratios) return;
    const measured = `${show(ratios.median)} (${show(ratios.min)} to ${show(ratios.max)})`;
    goals.push({ case: name, what, wanted: `≥ ${least}`, measured, met: ratios.median >= least });
  };
  const figure = (name: string, what: string, value: number | undefined, unit: string, most: number) => {
    if (value === undefined) return;
    goals.push({
      case: name,
      what,
      wanted: `< ${most} ${unit}`,
      measured: `${show(value)} ${unit}`,
      met: value < most,
    });
  };
  const side = (name: string, of: string): Measured => findSide(cases[name], of);

  ratio("untouched", "flow ÷ loop by hand with kafkajs", side("untouched", "flow"), side("untouched", "stock"), 3);
  ratio(
    "filter-body",
    "flow ÷ loop by hand with kafkajs",
    side("filter-body", "flow"),
    side("filter-body", "stock"),
    1.8,
  );
  for (const [name, result] of Object.entries(cases)) {
    const flow = findSide(result, "flow");
    ratio(name, "flow ÷ loop by hand on the same seam", flow, findSide(result, "seam"), 0.9);
    ratio(name, "flow ÷ loop by hand on the same client", flow, findSide(result, "hand"), 0.9);
  }
  const few = side("filter-body-few", "flow");
  ratio("filter-key", "filter on the key ÷ filter on the body", side("filter-key", "flow"), few, 4);
  ratio("filter-header", "filter on a header ÷ filter on the body", side("filter-header", "flow"), few, 4);
  const delays = side("latency", "flow");
  figure("latency", "p50 from source to sink", medianOf(delays?.p50Ms), "ms", 5);
  figure("latency", "p99 from source to sink", medianOf(delays?.p99Ms), "ms", 25);
  for (const [broker, label] of Object.entries(otherBrokers)) {
    const p99 = medianOf(side("latency-brokers", broker)?.p99Ms);
    figure("latency-brokers", `${label}, p99 from source to sink`, p99, "ms", 50);
  }
  ratio("recorder", "10 runs a second ÷ no runs", side("recorder", "ten"), side("recorder", "off"), 0.97);
  judgeAllRuns(side("recorder", "all"), goals);
  ratio("node-red", "flow ÷ Node-RED", side("node-red", "flow"), side("node-red", "node-red"), 20);
  for (const [name, { sides }] of Object.entries(cases)) {
    const peaks = sides.filter(({ by }) => by === "flow").flatMap(({ memoryMb }) => memoryMb);
    figure(name, "most memory of a worker", peaks.length > 0 ? Math.max(...peaks) : undefined, "MB", 300);
  }
  judgeSagas(sagas, goals);
  return goals;
}

const otherBrokers = { rabbitmq: "RabbitMQ", "redis-stream": "Redis Streams", pulsar: "Pulsar" };

function judgeSagas(sagas: Results["sagas"], goals: Goal[]): void {
  const [own, peer] = ["millrace", "conductor"].map((name) => sagas?.sides.find((side) => side.name === name));
  if (!own || own.perSecond.length === 0) return;
  const p99 = findMedian(own.p99Ms);
  goals.push({
    case: "sagas",
    what: "p99 of three steps at 50 a second",
    wanted: "< 250 ms",
    measured: `${show(p99)} ms`,
    met: p99 < 250,
  });
  if (!peer || peer.perSecond.length === 0) return;
  const rates = spreadOf(ratiosOf(own.perSecond, peer.perSecond));
  const delays = spreadOf(ratiosOf(own.p50Ms, peer.p50Ms));
  const write = ({ median, min, max }: Spread) => `${show(median)} (${show(min)} to ${show(max)})`;
  goals.push({
    case: "sagas",
    what: "sagas a second ÷ Conductor",
    wanted: "≥ 5",
    measured: write(rates),
    met: rates.median >= 5,
  });
  goals.push({
    case: "sagas",
    what: "p50 ÷ Conductor",
    wanted: "≤ 0.333",
    measured: write(delays),
    met: delays.median <= 1 / 3,
  });
}

/** Memory is flat when the last round takes no more than a tenth more than the first. */
const flatWithin = 1.1;

function judgeAllRuns(all: Measured, goals: Goal[]): void {
  if (!all || all.perSecond.length === 0) return;
  const rate = findMedian(all.perSecond);
  goals.push({
    case: "recorder",
    what: "messages a second with all runs kept",
    wanted: "≥ 5,000",
    measured: Math.round(rate).toLocaleString("en"),
    met: rate >= 5_000,
  });
  const [first, last] = [all.memoryMb[0], all.memoryMb.at(-1)];
  if (first === undefined || last === undefined || all.memoryMb.length < 2) return;
  goals.push({
    case: "recorder",
    what: "memory with all runs kept, last round ÷ first",
    wanted: `≤ ${flatWithin}`,
    measured: show(last / first),
    met: last / first <= flatWithin,
  });
}

type Measured = SideResult | undefined;

export function findSide(result: CaseResult | undefined, name: string): Measured {
  return result?.sides.find((side) => side.name === name);
}

/** Ratios of the rates of two sides, round by round; undefined when one has none. */
export function compare(side: Measured, other: Measured): Spread | undefined {
  if (!side || !other || side.perSecond.length === 0 || other.perSecond.length === 0) return undefined;
  return spreadOf(ratiosOf(side.perSecond, other.perSecond));
}

const medianOf = (values: readonly number[] | undefined) =>
  values && values.length > 0 ? findMedian(values) : undefined;

const show = (value: number) => value.toLocaleString("en", { maximumSignificantDigits: 3 });
