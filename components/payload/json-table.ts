import { type Json, RawNumber } from "./json-tree";

/** A value as rows and columns. */
export interface JsonTable {
  /** `list`: a row for each item, with its number. `fields`: a row for each field of an object. */
  is: "list" | "fields";
  columns: string[];
  /** Columns that are not shown. */
  moreColumns: number;
  /** `undefined`: the row has no such field. */
  rows: (Json | undefined)[][];
}

const maxColumns = 40;

/** The value as a table, or why it is none, as a sentence. */
export function tableOf(value: Json): JsonTable | { why: string } {
  if (!isBranch(value)) return { why: "A single value makes no table." };
  if (!Array.isArray(value)) {
    const rows = Object.entries(value).map(([name, field]): Json[] => [name, field]);
    if (rows.length === 0) return { why: "An object without fields makes no table." };
    return { is: "fields", columns: ["Field", "Value"], moreColumns: 0, rows };
  }
  if (value.length === 0) return { why: "An empty list makes no table." };
  if (!value.some(isBranch))
    return { is: "list", columns: ["Value"], moreColumns: 0, rows: value.map((item) => [item]) };
  if (value.every(isRecord)) return tableOfRecords(value);
  if (value.every((item) => Array.isArray(item))) {
    const width = value.reduce((most, item) => Math.max(most, item.length), 0);
    const columns = Array.from({ length: Math.min(width, maxColumns) }, (_, index) => String(index + 1));
    return {
      is: "list",
      columns,
      moreColumns: width - columns.length,
      rows: value.map((item) => columns.map((_, index) => item[index])),
    };
  }
  return { why: "The items of this list are not alike: a table needs objects only, or plain values only." };
}

function tableOfRecords(items: Record<string, Json>[]): JsonTable {
  const names = new Set<string>();
  for (const item of items) for (const name of Object.keys(item)) names.add(name);
  const columns = [...names].slice(0, maxColumns);
  return {
    is: "list",
    columns,
    moreColumns: names.size - columns.length,
    rows: items.map((item) => columns.map((name) => (Object.hasOwn(item, name) ? item[name] : undefined))),
  };
}

/** A list or an object. */
export function isBranch(value: Json | undefined): value is Json[] | { [key: string]: Json } {
  return typeof value === "object" && value !== null && !(value instanceof RawNumber);
}

function isRecord(value: Json): value is { [key: string]: Json } {
  return isBranch(value) && !Array.isArray(value);
}

/** A value in one line, with the digits that it came with. */
export function writeJson(value: Json): string {
  if (value instanceof RawNumber) return value.digits;
  if (!isBranch(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(", ")}]`;
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${writeJson(field)}`);
  return `{${fields.join(", ")}}`;
}
