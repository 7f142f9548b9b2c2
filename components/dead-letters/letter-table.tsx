"use client";

import type { DeadLetterSummary } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { ChooseAll, toggleChosen } from "../ui/choose-all";
import { RelativeTime } from "../ui/relative-time";
import { wordsOfDeadLetter } from "../ui/state-words";
import { Checkbox } from "../ui/switch";
import { Table, Td, Th, Tr } from "../ui/table";
import { Dot } from "../ui/tag";
import { failedAgain, wordsOfSends } from "./sends";
import { shortenCause } from "./shorten-cause";

/** Dead letters in rows of 32 px, to be chosen and opened. */
export function LetterTable({
  letters,
  chosen,
  onChoose,
  openId,
  onOpen,
  selectable,
  compact,
}: {
  letters: readonly DeadLetterSummary[];
  chosen: ReadonlySet<string>;
  onChoose(chosen: ReadonlySet<string>): void;
  openId: string | null;
  onOpen(id: string): void;
  selectable: boolean;
  /** Beside an open letter: only what tells the rows apart. */
  compact: boolean;
}) {
  const waiting = letters.filter(({ state }) => state === "waiting").map(({ id }) => id);
  return (
    <Table className="table-fixed bg-surface">
      <thead>
        <tr>
          {selectable ? (
            <Th className="w-10">
              <ChooseAll label="Choose all that wait" ids={waiting} chosen={chosen} onChoose={onChoose} />
            </Th>
          ) : null}
          <Th className="w-32">State</Th>
          <Th className={compact ? "w-24" : "w-40"}>Key</Th>
          <Th className={compact ? "w-40" : "w-56"}>Flow and node</Th>
          <Th>Cause</Th>
          {compact ? null : (
            <>
              <Th className="w-20" align="right">
                Attempts
              </Th>
              <Th className="w-28">Failed</Th>
            </>
          )}
        </tr>
      </thead>
      <tbody>
        {letters.map((letter) => {
          const { tone, words } = wordsOfDeadLetter(letter.state);
          return (
            <Tr
              key={letter.id}
              selected={letter.id === openId}
              className="cursor-pointer"
              onClick={() => onOpen(letter.id)}
            >
              {selectable ? (
                <Td onClick={(event) => event.stopPropagation()}>
                  {letter.state === "waiting" ? (
                    <Checkbox
                      label={`Choose ${letter.key ?? letter.position}`}
                      checked={chosen.has(letter.id)}
                      onCheckedChange={(on) => onChoose(toggleChosen(chosen, letter.id, on))}
                    />
                  ) : null}
                </Td>
              ) : null}
              <Td>
                <button type="button" className="flex items-center gap-2" onClick={() => onOpen(letter.id)}>
                  <Dot tone={tone} />
                  {words}
                </button>
              </Td>
              <Td className="font-mono text-12">
                {letter.key ?? <span className="font-sans text-faint">no key</span>}
              </Td>
              <Td>
                {letter.flow}{" "}
                <span className={`text-12 ${letter.id === openId ? "text-muted" : "text-faint"}`}>· {letter.node}</span>
              </Td>
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
                <>
                  <Td align="right" className="font-mono text-12">
                    {letter.attempts}
                  </Td>
                  <Td className="text-muted">
                    <RelativeTime date={letter.failedAt} />
                  </Td>
                </>
              )}
            </Tr>
          );
        })}
      </tbody>
    </Table>
  );
}
