import type pg from "pg";
import type { HeldStep } from "../../flow/held-changes";
import type { HeldRow } from "../../flow/holding";
import { type Column, heldColumns } from "./held-columns";
import { writeByteaArray } from "./message-columns";

const changedColumns = heldColumns.filter(({ stays, name }) => !stays || name === "id");
/** By name: which parts it has is all that tells one statement from another. */
const texts = new Map<string, string>();

/** One statement for what these steps need: begin, change, remove. It answers the ids of the steps that it carried out. */
export function writeHeld(steps: readonly HeldStep[]): pg.QueryConfig {
  const begun = steps.flatMap(({ base, row }) => (base === 0 && row ? [row] : []));
  const changed = steps.filter(({ base, row }) => base > 0 && row);
  const removed = steps.filter(({ row }) => row === null);
  const values: unknown[] = [];
  if (begun.length > 0) values.push(...valuesOf(heldColumns, begun));
  if (changed.length + removed.length > 0) values.push([...changed, ...removed].map(({ id }) => id));
  if (changed.length > 0) {
    const rows = changed.map(({ row }) => row!);
    values.push(
      changed.map(({ base }) => base),
      ...valuesOf(changedColumns, rows),
    );
  }
  if (removed.length > 0)
    values.push(
      removed.map(({ id }) => id),
      removed.map(({ base }) => base),
    );
  const has = { begun: begun.length > 0, changed: changed.length > 0, removed: removed.length > 0 };
  const name = `held-${Object.entries(has)
    .flatMap(([part, isThere]) => (isThere ? [part] : []))
    .join("-")}`;
  let text = texts.get(name);
  if (text === undefined) {
    text = makeText(has);
    texts.set(name, text);
  }
  return { name, text, values };
}

/** An array for each column; then the contents of all rows. */
function valuesOf(columns: readonly Column[], rows: readonly HeldRow[]): unknown[] {
  return [...columns.map(({ of }) => rows.map(of)), writeByteaArray(rows.map(({ content }) => content))];
}

/** `new`, as `valuesOf` gives it. */
function sourceOf(columns: readonly Column[], given: (type: string) => string, more: string[] = []): NewRows {
  const arrays = columns.map((column) => given(`${column.given}[]`));
  const contents = given("bytea[]");
  const names = columns.map(({ name }) => `"${name}"`);
  return {
    select: columns.map(({ kept }, index) => `new.${names[index]}${kept ? `::${kept}` : ""}`),
    from: `unnest(${[...more, ...arrays, contents].join(", ")})
      AS new (${[...(more.length > 0 ? ["base"] : []), ...names, "content"].join(", ")})`,
  };
}

interface NewRows {
  readonly select: readonly string[];
  readonly from: string;
}

function makeText(has: { readonly begun: boolean; readonly changed: boolean; readonly removed: boolean }): string {
  let count = 0;
  const given = (type: string) => `$${++count}::${type}`;
  const parts: string[] = [];
  if (has.begun) {
    const { select, from } = sourceOf(heldColumns, given);
    parts.push(`begun AS (INSERT INTO "Held" (${heldColumns.map(({ name }) => `"${name}"`).join(", ")}, content)
      SELECT ${select.join(", ")}, new.content FROM ${from} ORDER BY new.id ON CONFLICT (id) DO NOTHING RETURNING id)`);
  }
  if (has.changed || has.removed) {
    // Only once its own rows are begun: whoever waits for a lock then waits for nobody who begins rows.
    const after = has.begun ? "AND (SELECT count(*) FROM begun) >= 0" : "";
    parts.push(`locked AS MATERIALIZED (
      SELECT id, revision FROM "Held" WHERE id = ANY(${given("uuid[]")}) ${after} ORDER BY id FOR UPDATE)`);
  }
  if (has.changed) {
    const { select, from } = sourceOf(changedColumns, given, [given("int[]")]);
    const settings = changedColumns.flatMap(({ name }, index) =>
      name === "id" ? [] : [`"${name}" = ${select[index]}`],
    );
    parts.push(`changed AS (UPDATE "Held" AS held SET ${settings.join(", ")}, content = new.content
      FROM ${from} JOIN locked ON locked.id = new.id AND locked.revision = new.base
      WHERE held.id = new.id RETURNING held.id)`);
  }
  if (has.removed)
    parts.push(`removed AS (DELETE FROM "Held" AS held USING unnest(${given("uuid[]")}, ${given("int[]")}) AS gone (id, base)
        JOIN locked ON locked.id = gone.id AND locked.revision = gone.base
      WHERE held.id = gone.id RETURNING held.id)`);
  const answers = Object.entries(has).flatMap(([part, isThere]) => (isThere ? [`SELECT id FROM ${part}`] : []));
  return `WITH ${parts.join(",\n")}\n${answers.join(" UNION ALL ")}`;
}
