"use client";

import type { KeyboardEvent } from "react";
import { shortenCause } from "@/flow/shorten-cause";
import type { DeadLetterSummary } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { rowAfter } from "../runs/list-rows";
import { isTyping } from "../shell/keys";
import { ChooseAll, toggleChosen } from "../ui/choose-all";
import { RelativeTime } from "../ui/relative-time";
import { Checkbox } from "../ui/switch";
import { Table, Td, Th, Tr } from "../ui/table";
import { Dot } from "../ui/tag";
import { failedAgain, wordsOfLetter, wordsOfSends } from "./sends";

/** So many rows a press of Page Down goes. */
const pageRows = 10;

/** What waits can be sent or discarded, and what was discarded be taken back. */
export function canChoose({ state }: DeadLetterSummary): boolean {
  return state === "waiting" || state === "discarded";
}

/** Dead letters in rows of 32 px, to be chosen and opened. Arrows walk them, and what is open goes along; `x` chooses. */
export function LetterTable({
  letters,
  chosen,
  onChoose,
  openId,
  onOpen,
  selectable,
  compact,
  running,
}: {
  letters: readonly DeadLetterSummary[];
  chosen: ReadonlySet<string>;
  onChoose(chosen: ReadonlySet<string>): void;
  openId: string | null;
  onOpen(id: string): void;
  selectable: boolean;
  /** Beside an open letter: only what tells the rows apart. */
  compact: boolean;
  /** Names of the flows that run; `undefined` until they are known. */
  running: ReadonlySet<string> | undefined;
}) {
  const choosable = letters.filter(canChoose).map(({ id }) => id);
  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button[data-letter]")];
    const at = rows.indexOf(event.target as HTMLButtonElement);
    const letter = letters[at];
    if (event.key === "x" && selectable && letter && canChoose(letter)) {
      event.preventDefault();
      onChoose(toggleChosen(chosen, letter.id, !chosen.has(letter.id)));
      return;
    }
    const next = at < 0 ? undefined : rowAfter(event.key, at, rows.length, pageRows);
    if (next === undefined || next < 0) return;
    event.preventDefault();
    rows[next]?.focus();
    if (openId !== null) onOpen(letters[next]!.id);
  }
  return (
    <Table className="table-fixed bg-surface" onKeyDown={onKeyDown}>
      <thead>
        <tr>
          {selectable ? (
            <Th className="w-10">
              <ChooseAll label="Choose all that are listed" ids={choosable} chosen={chosen} onChoose={onChoose} />
            </Th>
          ) : null}
          <Th className={compact ? "w-28" : "w-40"}>State</Th>
          <Th className={compact ? "w-24" : "w-36"}>Key</Th>
          {compact ? null : <Th className="w-64">Flow and node</Th>}
          {compact ? null : (
            <Th className="w-20" align="right">
              Version
            </Th>
          )}
          <Th>Cause</Th>
          {compact ? null : (
            <Th className="w-20" align="right">
              Attempts
            </Th>
          )}
          <Th className={compact ? "w-24" : "w-28"}>Failed</Th>
        </tr>
      </thead>
      <tbody>
        {letters.map((letter) => {
          const { tone, words } = wordsOfLetter(letter, running);
          return (
            <Tr
              key={letter.id}
              selected={letter.id === openId}
              className="cursor-pointer"
              onClick={() => onOpen(letter.id)}
            >
              {selectable ? (
                <Td onClick={(event) => event.stopPropagation()}>
                  {canChoose(letter) ? (
                    <Checkbox
                      label={`Choose ${letter.key ?? letter.position}`}
                      checked={chosen.has(letter.id)}
                      onCheckedChange={(on) => onChoose(toggleChosen(chosen, letter.id, on))}
                    />
                  ) : null}
                </Td>
              ) : null}
              <Td>
                <button
                  type="button"
                  data-letter
                  className="flex items-center gap-2"
                  onClick={(event) => {
                    event.stopPropagation();
                    onOpen(letter.id);
                  }}
                >
                  <Dot tone={tone} />
                  {words}
                </button>
              </Td>
              <Td className="font-mono text-12">
                {letter.key ?? <span className="font-sans text-faint">no key</span>}
              </Td>
              {compact ? null : (
                <>
                  <Td title={`${letter.flowTitle} · ${letter.nodeTitle}`}>
                    {letter.flowTitle} <span className="text-12 text-muted">· {letter.nodeTitle}</span>
                  </Td>
                  <Td align="right" className="font-mono text-12">
                    v{letter.version}
                  </Td>
                </>
              )}
              <Td className="text-12 text-muted" title={`${letter.causeMessage} (${letter.causeCode})`}>
                <span className="flex gap-2">
                  <span className="min-w-0 truncate">
                    <InlineCode text={shortenCause(letter.causeMessage)} />
                  </span>
                  {failedAgain(letter) && !compact ? (
                    <span className="shrink-0 text-bad">{wordsOfSends(letter.sends)}</span>
                  ) : null}
                </span>
              </Td>
              {compact ? null : (
                <Td align="right" className="font-mono text-12">
                  {letter.attempts}
                </Td>
              )}
              <Td className="text-muted">
                <RelativeTime date={letter.failedAt} />
              </Td>
            </Tr>
          );
        })}
      </tbody>
    </Table>
  );
}
