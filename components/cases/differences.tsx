"use client";

import type { CaseDifference } from "@/flow/trial";
import { useDesigner } from "../designer/context";
import { nodeOf } from "../designer/edit";
import { titleOfNode } from "../drawing/kinds";
import { Button } from "../ui/button";

const fieldWords: Record<string, string> = { message: "a message", failure: "failure" };

/** Where a case differs, field by field; the node where it first does stands on top. */
export function Differences({
  differences,
  onTake,
}: {
  differences: readonly CaseDifference[];
  onTake?(difference: CaseDifference): void;
}) {
  const document = useDesigner((state) => state.document);
  const groups = new Map<string, CaseDifference[]>();
  for (const each of differences) groups.set(each.at, [...(groups.get(each.at) ?? []), each]);
  return (
    <div className="flex flex-col gap-4">
      {[...groups].map(([at, group], index) => {
        const node = nodeOf(document, group[0]!.node);
        const port = at.includes(".") ? at.slice(at.indexOf(".") + 1) : null;
        const several = new Set(group.map(({ message }) => message)).size > 1;
        return (
          <section key={at} aria-label={`Differences at ${at}`}>
            <h3 className="mb-1 flex items-baseline gap-2 font-semibold">
              {node ? titleOfNode(node) : at}
              {port ? <span className="font-mono text-12 font-normal text-muted">{port}</span> : null}
              {index === 0 ? <span className="text-12 font-normal text-bad">here it first differs</span> : null}
            </h3>
            <table className="w-full table-fixed text-12">
              <thead className="text-left text-muted">
                <tr className="border-b">
                  <th className="w-[26%] py-1 font-medium">Field</th>
                  <th className="py-1 pl-2 font-medium">Expected</th>
                  <th className="py-1 pl-2 font-medium">Came</th>
                  {onTake ? (
                    <th className="w-14">
                      <span className="sr-only">Take it</span>
                    </th>
                  ) : null}
                </tr>
              </thead>
              <tbody>
                {group.map((each) => (
                  <tr
                    key={`${each.message}:${each.field}:${each.expected}:${each.actual}`}
                    data-field={each.field}
                    className="border-b align-top font-mono"
                  >
                    <td className="break-words py-1.5">
                      {fieldWords[each.field] ?? each.field}
                      {several ? <span className="block text-muted">message {each.message + 1}</span> : null}
                    </td>
                    <Value text={each.expected} />
                    <Value text={each.actual} came />
                    {onTake ? (
                      <td className="py-1 text-right">
                        <Button
                          size="sm"
                          aria-label={`Expect ${fieldWords[each.field] ?? each.field} as it came`}
                          title="Expect it as it came"
                          onClick={() => onTake(each)}
                        >
                          Take
                        </Button>
                      </td>
                    ) : null}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        );
      })}
    </div>
  );
}

function Value({ text, came = false }: { text: string | null; came?: boolean }) {
  return (
    <td className={`break-words py-1.5 pl-2 ${came ? "text-bad" : "text-ok"}`}>
      {text ?? <span className="font-sans text-muted">nothing</span>}
    </td>
  );
}
