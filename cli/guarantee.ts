import type { Semantics } from "../flow/semantics";
import { cleanText, formatNumberOf, writeTable } from "./table";

/** The guarantee of a flow: its paths, what weakens them and what would mend it, where messages rest. */
export function writeGuarantee(semantics: Semantics, indent = ""): string {
  const { paths, morePaths, weakenings, grounds } = semantics;
  const more = morePaths > 0 ? `${indent}and ${formatNumberOf(morePaths, "path")} more, none of them weaker\n` : "";
  const blocks = [
    paths.length === 0
      ? ""
      : `${writeTable(
          paths,
          [
            { title: "path", value: ({ from, to }) => (from === to ? from : `${from} → ${to}`) },
            { title: "guarantee", value: ({ summary }) => summary },
            { title: "key", value: ({ orderedBy }) => orderedBy },
          ],
          indent,
        )}\n${more}`.trimEnd(),
    writeTexts(
      "Weakened",
      weakenings.map(({ text, mend }) => (mend === undefined ? [text] : [text, mend])),
      indent,
    ),
    writeTexts(
      "Why it holds",
      grounds.map(({ text }) => [text]),
      indent,
    ),
    writeTexts("Where messages rest", writeHops(semantics), indent),
  ];
  return blocks.filter(Boolean).join("\n\n");
}

function writeHops({ paths }: Semantics): string[][] {
  const hops = new Map(paths.flatMap((path) => path.hops).map((hop) => [hop.node, hop]));
  return [...hops.values()].map(({ node, text }) => [`${node}: ${text}`]);
}

/** Each with a dash, its further sentences under it. */
function writeTexts(title: string, texts: readonly (readonly string[])[], indent: string): string {
  if (texts.length === 0) return "";
  const lines = texts.flatMap(([first, ...rest]) => [`- ${first}`, ...rest.map((each) => `  ${each}`)]);
  return [`${title}:`, ...lines].map((line) => indent + cleanText(line)).join("\n");
}
