import { diffFlows, type FlowDiff } from "../../flow/diff";
import type { FlowDocument } from "../../flow/document";
import { keepPlaces } from "../../flow/keep-places";
import type { Client } from "../client";
import { writeDiff, writeSummary } from "../diff-text";
import { CommandFailure } from "../failure";
import { formatNumberOf } from "../table";
import type { FlowFile } from "./flow-folder";

/** What is to become of one flow. `stays`: it is in no file, and left alone. */
export interface PlannedFlow {
  name: string;
  does: "create" | "change" | "nothing" | "delete" | "stays";
  /** Absent: it is in no file. */
  file?: string;
  /** Of the draft that was seen; null: there is none yet. */
  revision: number | null;
  diff?: FlowDiff;
  /** The version that should run now; null: none. */
  running: number | null;
  deploys: boolean;
}

export interface Plan {
  flows: PlannedFlow[];
  /** By name, as the files have them. */
  documents: ReadonlyMap<string, FlowDocument>;
}

/** Compares a folder with what the server has. */
export async function planFolder(
  client: Client,
  files: readonly FlowFile[],
  options: { prune: boolean; deploy: boolean },
): Promise<Plan> {
  const there = new Map((await client.flows.list.query()).map((flow) => [flow.name, flow]));
  const flows = await Promise.all(
    files.map(async ({ path, document }): Promise<PlannedFlow> => {
      const { name } = document;
      if (!there.has(name))
        return { name, does: "create", file: path, revision: null, running: null, deploys: options.deploy };
      const view = await client.flows.get.query({ name });
      if (!view.draft)
        throw new CommandFailure(
          `The draft of ${name} is of a format that this version does not read. Nothing was changed.`,
          { code: "file-format" },
        );
      const diff = diffFlows(view.draft, keepPlaces(document, view.draft));
      // Also what an earlier apply saved and could not deploy.
      const isDeployed = view.running !== null && diffFlows(view.running, document).differs !== "behaviour";
      return {
        name,
        does: diff.differs === "nothing" ? "nothing" : "change",
        file: path,
        revision: view.revision,
        diff,
        running: view.deployment?.desired === "running" ? view.deployment.version : null,
        deploys: options.deploy && !isDeployed,
      };
    }),
  );
  const documents = new Map(files.map(({ document }) => [document.name, document]));
  const others = [...there.values()]
    .filter(({ name }) => !documents.has(name))
    .map(
      ({ name, revision, deployment }): PlannedFlow => ({
        name,
        does: options.prune ? "delete" : "stays",
        revision,
        running: deployment?.desired === "running" ? deployment.version : null,
        deploys: false,
      }),
    );
  return { flows: [...flows, ...others].sort((a, b) => (a.name < b.name ? -1 : 1)), documents };
}

/** The plan for a person: each flow with what differs, then the sum. */
export function writePlan({ flows, documents }: Plan, stop: boolean): string {
  const lines = flows.flatMap((flow): string[] => {
    const deploys = flow.deploys ? ", then deploy it" : "";
    if (flow.does === "create") {
      const nodes = formatNumberOf(documents.get(flow.name)?.nodes.length ?? 0, "node");
      return [`+ ${flow.name}: create it with ${nodes} (${flow.file})${deploys}`];
    }
    if (flow.does === "change" && flow.diff) {
      const head = `~ ${flow.name}: change revision ${flow.revision} (${flow.file}): ${writeSummary(flow.diff)}${deploys}`;
      return [head, writeDiff(flow.diff, "    ")];
    }
    if (flow.does === "nothing") return flow.deploys ? [`= ${flow.name}: unchanged${deploys}`] : [];
    const runs =
      flow.running === null
        ? ""
        : ` It runs (v${flow.running})${flow.does === "delete" && stop ? " and is stopped first" : ""}.`;
    if (flow.does === "delete") return [`- ${flow.name}: delete revision ${flow.revision}, it is in no file.${runs}`];
    return [`? ${flow.name}: in no file, left alone; --prune would delete it.${runs}`];
  });
  const count = (does: PlannedFlow["does"]) => flows.filter((flow) => flow.does === does).length;
  const sum = [
    `${count("create")} to create`,
    `${count("change")} to change`,
    `${count("nothing")} unchanged`,
    `${count("delete")} to delete`,
    `${flows.filter(({ deploys }) => deploys).length} to deploy`,
  ];
  return [...lines, `Plan: ${sum.join(", ")}.`].join("\n");
}
