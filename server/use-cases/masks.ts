import "server-only";
import type { FlowDocument } from "@/flow/document";
import { Mask } from "@/flow/masking";
import { type MaskedField, maskedSchema } from "@/flow/recorded-fields";
import type { Actor } from "../audit";
import { includesRole } from "../can";
import { type Db, database } from "../database";
import { refusal } from "../refusal";
import { findVersionDocument, readStored } from "./find-flow";

/** Somebody to whom messages are shown. */
export type Viewer = Actor;

/** A flow in one of its versions. */
export interface OfVersion {
  readonly flowId: string;
  readonly version: number;
}

interface MaskRow {
  flowId: string;
  /** `null`: it holds for what any version did. */
  version: number | null;
  masked: unknown;
}

/**
 * The masked fields that a person does not see. For what a version did hold those of that version, of the one that is deployed, and of the
 * draft: a new mask hides at once what is there already, and one that is taken away goes on hiding what ran with it.
 */
export class Masks {
  readonly #always = new Map<string, MaskedField[]>();
  readonly #versions = new Map<string, MaskedField[]>();

  constructor(rows: readonly MaskRow[], sees: (field: MaskedField) => boolean) {
    for (const { flowId, version, masked } of rows) {
      const hidden = readMasked(masked).filter((field) => !sees(field));
      if (hidden.length === 0) continue;
      const [fields, key] = version === null ? [this.#always, flowId] : [this.#versions, nameOf({ flowId, version })];
      fields.set(key, [...(fields.get(key) ?? []), ...hidden]);
    }
  }

  fields(at: OfVersion): readonly MaskedField[] {
    return [...(this.#always.get(at.flowId) ?? []), ...(this.#versions.get(nameOf(at)) ?? [])];
  }

  /** What hides them in messages that belong together; `null` where there are none. */
  open(at: OfVersion): Mask | null {
    const fields = this.fields(at);
    return fields.length === 0 ? null : new Mask(fields);
  }
}

const nameOf = ({ flowId, version }: OfVersion) => `${flowId}@${version}`;

/** What cannot be read hides everything rather than nothing. */
function readMasked(stored: unknown): MaskedField[] {
  if (stored === null || stored === undefined) return [];
  const parsed = maskedSchema.safeParse(stored);
  return parsed.success ? parsed.data : [{ path: "body", below: "admin" }];
}

const seesAs =
  ({ me }: Viewer) =>
  ({ below }: MaskedField) =>
    includesRole(me.role, below);

/** Sees everything, whatever flows mask: nothing is to be looked up. */
export const seesAll = ({ me }: Viewer) => includesRole(me.role, "admin");

/** The masks of versions, as far as they hide something from a person. */
export async function readMasks(db: Db, viewer: Viewer, of: readonly OfVersion[]): Promise<Masks> {
  if (seesAll(viewer) || of.length === 0) return new Masks([], () => true);
  const places = new Map(of.map((each) => [nameOf(each), each]));
  const flowIds = [...new Set(of.map(({ flowId }) => flowId))];
  const ids = [...places.values()].map(({ flowId }) => flowId);
  const versions = [...places.values()].map(({ version }) => version);
  const rows = await db.$queryRaw<MaskRow[]>`
    SELECT id AS "flowId", NULL::int AS version, draft #> '{settings,masked}' AS masked
    FROM "Flow" WHERE id = ANY(${flowIds}) AND (draft #> '{settings,masked}') IS NOT NULL
    UNION ALL
    SELECT of."flowId", NULL::int, of.document #> '{settings,masked}'
    FROM "Deployment" JOIN "FlowVersion" AS of ON of."flowId" = "Deployment"."flowId" AND of.number = "Deployment".version
    WHERE of."flowId" = ANY(${flowIds}) AND (of.document #> '{settings,masked}') IS NOT NULL
    UNION ALL
    SELECT "flowId", number, document #> '{settings,masked}' FROM "FlowVersion"
    WHERE ("flowId", number) IN (SELECT * FROM unnest(${ids}::text[], ${versions}::int[]))
      AND (document #> '{settings,masked}') IS NOT NULL
    UNION ALL
    SELECT "flowId", NULL::int, masked FROM "LeftMask" WHERE "flowId" = ANY(${flowIds})`;
  return new Masks(rows, seesAs(viewer));
}

/** By flow, all that any of its versions masks, and its draft, as far as a person does not see it. */
export async function readAllMasked(db: Db, viewer: Viewer): Promise<Map<string, MaskedField[]>> {
  const found = new Map<string, MaskedField[]>();
  if (seesAll(viewer)) return found;
  const rows = await db.$queryRaw<Omit<MaskRow, "version">[]>`
    SELECT id AS "flowId", draft #> '{settings,masked}' AS masked
    FROM "Flow" WHERE (draft #> '{settings,masked}') IS NOT NULL
    UNION ALL
    SELECT "flowId", document #> '{settings,masked}' FROM "FlowVersion" WHERE (document #> '{settings,masked}') IS NOT NULL
    UNION ALL
    SELECT "flowId", masked FROM "LeftMask"`;
  for (const { flowId, masked } of rows) {
    const hidden = readMasked(masked).filter((field) => !seesAs(viewer)(field));
    if (hidden.length > 0) found.set(flowId, [...(found.get(flowId) ?? []), ...hidden]);
  }
  return found;
}

/**
 * Where a key is looked for: not in flows that hide something from a person, as what is found, or counted, would tell that the key is
 * somebody's.
 */
export async function whereKeySeen<Filter extends { key?: string | undefined; text?: string | undefined }>(
  viewer: Viewer,
  filter: Filter,
): Promise<Filter & { notOf?: string[] }> {
  if ((filter.key === undefined && filter.text === undefined) || seesAll(viewer)) return filter;
  return { ...filter, notOf: [...(await readAllMasked(database().prisma, viewer)).keys()] };
}

/** The masked fields of one flow that a person does not see, in whatever version. */
export async function readHiddenOf(viewer: Viewer, flowId: string): Promise<readonly MaskedField[]> {
  return (await readAllMasked(database().prisma, viewer)).get(flowId) ?? [];
}

/** Keeps what a flow masks, as it is deleted and its runs stay. */
export async function leaveMasks(tx: Db, flowId: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO "LeftMask" ("flowId", masked)
    SELECT ${flowId}, jsonb_agg(DISTINCT field) FROM (
      SELECT jsonb_array_elements(draft #> '{settings,masked}') AS field
      FROM "Flow" WHERE id = ${flowId} AND jsonb_typeof(draft #> '{settings,masked}') = 'array'
      UNION ALL
      SELECT jsonb_array_elements(document #> '{settings,masked}')
      FROM "FlowVersion" WHERE "flowId" = ${flowId} AND jsonb_typeof(document #> '{settings,masked}') = 'array'
    ) AS fields HAVING count(*) > 0
    ON CONFLICT ("flowId") DO UPDATE SET masked = excluded.masked`;
}

/** Drafts of flows by id. */
export async function readDrafts(db: Db, flowIds: readonly string[]): Promise<Map<string, FlowDocument>> {
  if (flowIds.length === 0) return new Map();
  const rows = await db.flow.findMany({ where: { id: { in: [...flowIds] } }, select: { id: true, draft: true } });
  return new Map(
    rows.flatMap(({ id, draft }) => {
      const document = readStored(draft);
      return document ? [[id, document] as const] : [];
    }),
  );
}

/** @throws TRPCError when a version would show what the deployed one masks to who deploys it, and does not see it now */
export async function refuseUnmasking(viewer: Viewer, deployed: OfVersion, next: FlowDocument | null): Promise<void> {
  if (seesAll(viewer)) return;
  const { prisma } = database();
  const before = await findVersionDocument(prisma, deployed.flowId, deployed.version);
  const hidden = (before?.settings?.masked ?? []).filter((field) => !seesAs(viewer)(field));
  const kept = next?.settings?.masked ?? [];
  const lost = hidden.find(
    ({ path, below }) => !kept.some((field) => field.path === path && includesRole(field.below, below)),
  );
  if (!lost) return;
  const words = `The deployed version masks \`${lost.path}\` below the role ${lost.below}, this one does not. That takes the role ${lost.below}: ask somebody who has it to deploy, or mask the field again in the flow's settings.`;
  throw refusal("FORBIDDEN", "field-masked", words);
}
