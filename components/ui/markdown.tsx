import { Fragment, type ReactNode } from "react";

/** The little Markdown that help texts use: paragraphs, lists, tables, bold, emphasis, code. Made of elements, never of markup. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className="flex flex-col gap-3 leading-[1.55]">
      {text
        .trim()
        .split(/\n{2,}/)
        .map((block, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks of one text keep their places
          <Block key={index} text={block} />
        ))}
    </div>
  );
}

function Block({ text }: { text: string }) {
  const lines = text.split("\n");
  if (text.startsWith("```")) {
    return (
      <pre className="thin-scroll overflow-auto rounded-md bg-sunken p-2.5 font-mono text-12">
        {lines.slice(1, lines.at(-1)?.startsWith("```") ? -1 : undefined).join("\n")}
      </pre>
    );
  }
  if (lines.every((line) => line.trim().startsWith("|"))) return <Table lines={lines} />;
  if (lines.every((line) => /^[-*] /.test(line.trim()))) {
    return (
      <ul className="list-disc pl-5">
        {lines.map((line) => (
          <li key={line}>{inline(line.trim().slice(2))}</li>
        ))}
      </ul>
    );
  }
  const heading = /^#{1,4} (.*)$/.exec(text);
  if (heading) return <h4 className="font-semibold">{inline(heading[1]!)}</h4>;
  return <p>{inline(lines.join(" "))}</p>;
}

function Table({ lines }: { lines: string[] }) {
  const rows = lines
    .filter((line) => !/^\s*\|[\s:|-]+\|\s*$/.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/^\||\|$/g, "")
        .split("|")
        .map((cell) => cell.trim()),
    );
  const [head, ...body] = rows;
  return (
    <table className="w-full border-collapse text-12">
      <thead>
        <tr>
          {head?.map((cell) => (
            <th key={cell} className="border-b px-1.5 py-1 text-left font-medium text-muted">
              {inline(cell)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {body.map((row) => (
          <tr key={row.join("|")} className="align-top">
            {row.map((cell) => (
              <td key={cell} className="border-b px-1.5 py-1">
                {inline(cell)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function inline(text: string): ReactNode {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)/).map((part, index) => {
    // biome-ignore-start lint/suspicious/noArrayIndexKey: parts of one text keep their places
    if (/^`.+`$/.test(part))
      return (
        <code key={index} className="rounded-sm bg-sunken px-1 font-mono text-12">
          {part.slice(1, -1)}
        </code>
      );
    if (/^\*\*.+\*\*$/.test(part)) return <strong key={index}>{inline(part.slice(2, -2))}</strong>;
    if (/^\*.+\*$/.test(part)) return <em key={index}>{inline(part.slice(1, -1))}</em>;
    return <Fragment key={index}>{part}</Fragment>;
    // biome-ignore-end lint/suspicious/noArrayIndexKey: as above
  });
}
