"use client";

import clsx from "clsx";
import { useState } from "react";
import { formatCount, formatPlural } from "../ui/formats";
import { isBranch, type JsonTable, tableOf, writeJson } from "./json-table";
import { type Json, RawNumber } from "./json-tree";

/** Rows that are drawn at first, and each time more are asked for. */
const shownRows = 100;
const shownCharacters = 400;

/** Rows and columns of a payload. Values are text of strangers: only ever rendered as text. */
export function JsonTableView({ table, depth = 0 }: { table: JsonTable; depth?: number }) {
  const [shown, setShown] = useState(shownRows);
  const isList = table.is === "list";
  const more = table.rows.length - shown;
  return (
    <div className="min-w-0">
      <div className="thin-scroll overflow-x-auto">
        <table className="border-separate border-spacing-0 text-left font-mono text-12 leading-[19px]">
          <thead className={isList || depth === 0 ? undefined : "sr-only"}>
            <tr>
              {isList ? <Head>#</Head> : null}
              {table.columns.map((name) => (
                <Head key={name} plain={!isList}>
                  {name}
                </Head>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.slice(0, shown).map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
              <tr key={index} className="hover:bg-hover">
                {isList ? (
                  <td className="border-b pr-3 align-top tabular-nums text-faint">{formatCount(index + 1)}</td>
                ) : null}
                {row.map((value, column) => (
                  <td
                    // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
                    key={column}
                    className={clsx(
                      "border-b pr-3 align-top last:pr-0",
                      isList ? "max-w-72" : column === 0 ? "break-all text-route" : "max-w-96",
                    )}
                  >
                    {!isList && column === 0 ? String(value) : <Cell value={value} depth={isList ? 2 : depth} />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more > 0 ? (
        <button
          type="button"
          className="mt-1 text-12 text-accent hover:underline"
          onClick={() => setShown(shown + shownRows)}
        >
          Show {formatCount(Math.min(more, shownRows))} more of {formatPlural(table.rows.length, "row")}
        </button>
      ) : null}
      {table.moreColumns > 0 ? (
        <p className="mt-1 text-12 text-muted">
          {formatPlural(table.moreColumns, "more column")}: the tree shows all of it.
        </p>
      ) : null}
    </div>
  );
}

function Head({ plain = false, children }: { plain?: boolean; children: string }) {
  return (
    <th
      scope="col"
      className={clsx(
        "max-w-60 truncate border-b border-line-strong pr-3 font-medium text-muted last:pr-0",
        plain && "font-sans",
      )}
      title={children}
    >
      {children}
    </th>
  );
}

function Cell({ value, depth }: { value: Json | undefined; depth: number }) {
  if (value === undefined) return null;
  if (isBranch(value)) {
    const inner = depth === 0 ? tableOf(value) : null;
    if (inner && "columns" in inner) return <JsonTableView table={inner} depth={1} />;
    return <span className="break-words text-muted">{cut(writeJson(value))}</span>;
  }
  if (typeof value === "string") return <span className="whitespace-pre-wrap break-words">{cut(value)}</span>;
  if (typeof value === "number" || value instanceof RawNumber)
    return <span className="tabular-nums text-source">{writeJson(value)}</span>;
  return <span className="text-call">{String(value)}</span>;
}

const cut = (text: string) => (text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text);
