import type { StartingPlace } from "../../flow/behaviour";
import { defaultProject } from "../../flow/control";
import type { PrismaClient } from "../../prisma/generated/client";
import type { ConnectionRow } from "../connections";
import type { AskedRecording } from "../recordings";

/** What should run, without its document: that is read when the revision is new. */
export interface DesiredDeployment {
  readonly id: string;
  readonly environment: string;
  readonly flowId: string;
  readonly flow: string;
  readonly groupName: string;
  readonly version: number;
  readonly desired: "running" | "stopped";
  readonly revision: number;
  readonly generation: number;
  readonly start: StartingPlace;
  /** Of the workers that run it; null: those without one. */
  readonly label: string | null;
}

/** Reads what people want: deployments, their documents, connections. */
export class DesiredState {
  constructor(
    readonly prisma: PrismaClient,
    readonly environment: string,
  ) {}

  async deployments(): Promise<DesiredDeployment[]> {
    const rows = await this.prisma.deployment.findMany({
      where: { project: defaultProject, environment: this.environment },
      include: { flow: { select: { name: true } } },
    });
    return rows.map((row) => ({
      id: row.id,
      environment: row.environment,
      flowId: row.flowId,
      flow: row.flow.name,
      groupName: row.groupName,
      version: row.version,
      desired: row.desired === "running" ? "running" : "stopped",
      revision: row.revision,
      generation: row.generation,
      start: row.start as unknown as StartingPlace,
      label: row.label,
    }));
  }

  /** The stored document of a version; `undefined` when there is none. */
  async document(flowId: string, number: number): Promise<unknown> {
    const version = await this.prisma.flowVersion.findUnique({
      where: { flowId_number: { flowId, number } },
      select: { document: true },
    });
    return version?.document;
  }

  /** What people ask to be recorded now. */
  async recordings(): Promise<AskedRecording[]> {
    return this.prisma.recording.findMany({
      where: { project: defaultProject, environment: this.environment, endsAt: { gt: new Date() } },
      select: { flowId: true, condition: true, endsAt: true },
      orderBy: { createdAt: "asc" },
    });
  }

  /** Connections in which versions of a flow hold; `undefined`: in Postgres. */
  async holdingPlaces(flowId: string): Promise<(string | undefined)[]> {
    const rows = await this.prisma.$queryRaw<{ place: string | null }[]>`
      SELECT DISTINCT document #>> '{settings,holding,connection}' AS place FROM "FlowVersion" WHERE "flowId" = ${flowId}`;
    return rows.map(({ place }) => place ?? undefined);
  }

  /** The draft of a flow by name; for questions about flows that do not run. */
  async draft(flow: string): Promise<unknown> {
    const row = await this.prisma.flow.findUnique({
      where: { project_name: { project: defaultProject, name: flow } },
      select: { draft: true },
    });
    return row?.draft;
  }

  async connections(): Promise<ConnectionRow[]> {
    return this.prisma.connection.findMany({
      where: { project: defaultProject, environment: this.environment },
      select: { name: true, kind: true, config: true, secrets: true },
    });
  }
}
