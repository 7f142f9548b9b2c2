import type { HeldBack, SagaAttempt, SagaNote, Undo } from "../flow/saga/state";
import type { SagaView, SagaVisitView, ShownValue } from "../server/saga-views";
import { cleanText, formatAgo, formatDuration } from "./table";

/** One saga as a person reads it: where it stands, each step in the order in which it came there, what was undone, who did what. */
export function writeSaga(view: SagaView, now: number): string {
  const parts = [
    writeHead(view, now),
    ...view.state.visits.map((visit) => writeVisit(visit, view, now)),
    writeUndone(view),
    view.state.notes.map(writeNote).join("\n"),
    `body  ${writeValue(view.state.body)}`,
    writeRelated(view),
    writeWays(view),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function writeHead(view: SagaView, now: number): string {
  const { state } = view;
  const lines = [
    `${view.id}  ${view.status}`,
    `${view.flow} v${view.version}, ${view.start}, key ${cleanText(view.key)}`,
    `began ${view.startedAt.toISOString()}, ${writeEnd(view, now)}${view.traceId === null ? "" : `, trace ${view.traceId}`}`,
  ];
  if (view.steps.length > 0) lines.push(`stands at ${view.steps.join(", ")}`);
  if (state.reason) {
    const { node, by, message, code } = state.reason;
    const where = [node, by].filter(Boolean).join(", ");
    lines.push(`it goes back${where === "" ? "" : ` (${where})`}: ${cleanText(message)} (${code})`);
  } else if (view.error) {
    lines.push(`${view.error.node}: ${cleanText(view.error.message)} (${view.error.code})`);
  }
  if (view.parent) lines.push(`a step of ${view.parent.flow}: \`${view.parent.node}\` of saga ${view.parent.id}`);
  return lines.join("\n");
}

function writeEnd({ startedAt, endedAt, dueAt }: SagaView, now: number): string {
  if (endedAt) return `took ${formatDuration(endedAt.getTime() - startedAt.getTime())}`;
  const next = dueAt && dueAt.getTime() > now ? `, looked at again in ${formatDuration(dueAt.getTime() - now)}` : "";
  return `${formatAgo(startedAt, now)}${next}`;
}

function writeVisit(visit: SagaVisitView, view: SagaView, now: number): string {
  const kind = view.document.nodes.find(({ id }) => id === visit.node)?.kind;
  const took = visit.endedAt === undefined ? "" : `  ${formatDuration(visit.endedAt - visit.at)}`;
  const way = visit.port === undefined || visit.port === "out" ? "" : `, leaves by ${visit.port}`;
  const tries = visit.attempt > 1 ? `, attempt ${visit.attempt}` : "";
  const lines = [`${visit.node}  ${visit.state}${took}${tries}${way}${kind === undefined ? "" : `  (${kind})`}`];
  if (visit.question !== undefined) lines.push(`  asks ${visit.asks ?? "a person"}: ${cleanText(visit.question)}`);
  if (visit.awaits !== undefined) lines.push(`  waits for ${cleanText(visit.awaits)}`);
  if (visit.dueAt !== undefined && visit.endedAt === undefined) lines.push(`  ${writeDue(visit.dueAt, now)}`);
  if (visit.cause) lines.push(`  ${cleanText(visit.cause.message)} (${visit.cause.code})`);
  if (visit.held) lines.push(`  ${writeHeld(visit.held)}`);
  if (visit.effect === "maybe") lines.push("  may have taken effect");
  for (const attempt of visit.attempts.filter(({ side }) => side === "action")) lines.push(writeAttempt(attempt));
  if (visit.output) lines.push(`  output  ${writeValue(visit.output)}`);
  if (visit.undo) lines.push(writeUndo(visit.undo, now));
  for (const attempt of visit.attempts.filter(({ side }) => side === "compensation")) lines.push(writeAttempt(attempt));
  return lines.join("\n");
}

const writeDue = (at: number, now: number) => (at <= now ? "due now" : `due in ${formatDuration(at - now)}`);

function writeUndo(undo: Undo, now: number): string {
  const took = undo.endedAt === undefined ? "" : `  ${formatDuration(undo.endedAt - undo.at)}`;
  const due = undo.dueAt !== undefined && undo.endedAt === undefined ? `, ${writeDue(undo.dueAt, now)}` : "";
  const cause = undo.cause ? `\n    ${cleanText(undo.cause.message)} (${undo.cause.code})` : "";
  const held = undo.held ? `\n    ${writeHeld(undo.held)}` : "";
  return `  compensation  ${undo.state}${took}${due}${cause}${held}`;
}

/** What it needs is away: since when, and until when that spends no attempt. */
function writeHeld({ since, until, tries, over }: HeldBack): string {
  const times = tries === 1 ? "1 try" : `${tries} tries`;
  const bound = new Date(until).toISOString();
  return `held since ${new Date(since).toISOString()}, ${times}; attempts count ${over ? "since" : "from"} ${bound}`;
}

function writeAttempt({ side, number, at, endedAt, request, answer, cause }: SagaAttempt): string {
  const took = endedAt === undefined ? "under way" : formatDuration(endedAt - at);
  const lines = [`  ${side} ${number}  ${new Date(at).toISOString()}  ${took}`];
  if (request !== undefined) lines.push(indent(`→ ${request}`));
  if (answer !== undefined) lines.push(indent(`← ${answer}`));
  if (cause) lines.push(indent(`${cause.message} (${cause.code})`));
  if (cause?.detail) lines.push(indent(cause.detail));
  return lines.join("\n");
}

/** Compensations in the order in which they began. */
function writeUndone({ state }: SagaView): string {
  const undone = state.visits.flatMap(({ node, undo }) => (undo ? [{ node, undo }] : []));
  if (undone.length === 0) return "";
  undone.sort((a, b) => a.undo.at - b.undo.at);
  return `undone in this order: ${undone.map(({ node, undo }) => `${node} (${undo.state})`).join(", ")}`;
}

function writeNote({ at, node, by, what, words }: SagaNote): string {
  const who = by === undefined ? "" : ` by ${cleanText(by)}`;
  const where = node === undefined ? "" : ` at ${node}`;
  return `${new Date(at).toISOString()}  ${what}${where}${who}${words ? `: ${cleanText(words)}` : ""}`;
}

function writeRelated({ children, related }: SagaView): string {
  return [
    ...children.map(({ node, id, flow, status }) => `\`${node}\` is saga ${id} of ${flow}: ${status}`),
    ...related.map(({ flow, version, state, id }) => `trace goes through ${flow} v${version}: ${state}, run ${id}`),
  ].join("\n");
}

/** What the person who asks can do now, as commands. */
function writeWays({ id, may }: SagaView): string {
  const ways = Object.entries(may.nodes).flatMap(([node, actions]) =>
    Object.entries(actions).map(([action, permission]) =>
      permission.ok ? writeWay(action, id, node) : `${writeWay(action, id, node)}: ${permission.why}`,
    ),
  );
  if (may.cancel.ok) ways.push(`saga cancel ${id} --reason …`);
  return ways.length === 0 ? "" : `what can be done:\n${ways.map((way) => `  ${way}`).join("\n")}`;
}

const writeWay = (action: string, id: string, node: string) =>
  `saga ${action} ${id} ${node}${action === "skip" ? " --reason …" : action === "complete" ? " --result …" : ""}`;

function writeValue({ text, cut }: ShownValue): string {
  return `${cleanText(text)}${cut ? " … (cut)" : ""}`;
}

function indent(text: string): string {
  return cleanText(text).replaceAll(/^/gm, "      ");
}
