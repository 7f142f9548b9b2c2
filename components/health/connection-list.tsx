import Link from "next/link";
import { InlineCode } from "../drawing/inline-code";
import { formatPlural } from "../ui/formats";
import { Table, Td, Th, Tr } from "../ui/table";
import { Dot } from "../ui/tag";
import { isWithoutDisk, type Reached } from "./reached";

const stateWords = { ok: "Reached", unreachable: "Cannot be reached", missing: "Not set up" } as const;

/** Each broker and the database: whether it is reached, and what it keeps. */
export function ConnectionList({
  reached,
  databaseAnswers,
}: {
  reached: readonly Reached[];
  databaseAnswers: boolean;
}) {
  return (
    <section className="overflow-hidden rounded-lg border border-line bg-surface" aria-label="Brokers and database">
      <h2 className="border-b px-4 py-3 font-medium">Brokers and database</h2>
      <Table>
        <thead>
          <tr>
            <Th className="w-56">Connection</Th>
            <Th className="w-44">State</Th>
            <Th className="w-32">Used by</Th>
            <Th>What it keeps, or why not</Th>
          </tr>
        </thead>
        <tbody>
          <Tr>
            <Td>Postgres</Td>
            <Td>
              <State tone={databaseAnswers ? "ok" : "bad"} words={databaseAnswers ? "Reached" : "Does not answer"} />
            </Td>
            <Td className="text-muted">Millrace itself</Td>
            <Td className="whitespace-normal text-12 text-muted">
              Flows, runs, dead letters and the audit are kept here.
            </Td>
          </Tr>
          {reached.map((each) => (
            <Tr key={each.name}>
              <Td>
                <Link href="/connections" className="hover:underline">
                  {each.label}
                </Link>{" "}
                <span className="font-mono text-12 text-muted">{each.name}</span>
              </Td>
              <Td>
                <State
                  tone={each.state === "ok" ? "ok" : each.runs.length > 0 ? "bad" : "idle"}
                  words={stateWords[each.state]}
                />
              </Td>
              <Td className="text-muted" title={each.runs.join("\n")}>
                {each.runs.length > 0
                  ? formatPlural(each.runs.length, "flow that runs", "flows that run")
                  : "nothing that runs"}
              </Td>
              <Td className={`whitespace-normal text-12 ${isWithoutDisk(each) ? "text-warn" : "text-muted"}`}>
                <InlineCode text={wordsOf(each)} />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}

function State({ tone, words }: { tone: "ok" | "bad" | "idle"; words: string }) {
  return (
    <span className="flex items-center gap-2">
      <Dot tone={tone} hollow={tone === "idle"} />
      {words}
    </span>
  );
}

function wordsOf({ state, cause, rest, missedBy }: Reached): string {
  const by =
    missedBy.length > 0 ? ` Only by ${missedBy.map((worker) => `\`${worker}\``).join(", ")} not; others reach it.` : "";
  if (state !== "ok") return `${cause?.message ?? "The worker gave no cause."}${by}`;
  return rest?.text ?? "";
}
