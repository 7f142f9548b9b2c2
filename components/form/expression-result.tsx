"use client";

import clsx from "clsx";
import { useEffect, useState } from "react";
import type { FieldMeta } from "@/flow/fields";
import { InlineCode } from "../drawing/inline-code";
import { type Scope, useFormEnvironment } from "./environment";
import { type Evaluated, evaluateOn, hintAbsent } from "./evaluate";

interface Tried {
  source: string;
  holes: boolean;
  variables: readonly string[];
  expects: FieldMeta["expects"];
}

/** What an expression gives on the chosen sample, and on demand on each. */
export function ExpressionResult(props: Tried) {
  const { scope, samples = [], body } = useFormEnvironment();
  const [all, setAll] = useState(false);
  const single = useTried(props, scope);
  const hint = useHint(props, body);
  if (!single && !hint) return null;
  return (
    <div className="mt-1 min-w-0 text-12">
      {single ? (
        <div className="flex min-w-0 items-baseline gap-1.5">
          <p
            className="flex min-w-0 flex-1 gap-1.5 font-mono text-muted"
            title={scope ? `On ${scope.words}` : undefined}
            data-testid="expression-result"
          >
            <span className="text-faint" aria-hidden>
              →
            </span>
            <Outcome result={single} words={scope?.words} />
          </p>
          {samples.length > 1 ? (
            <button
              type="button"
              aria-expanded={all}
              className="shrink-0 rounded-sm text-accent hover:underline"
              onClick={() => setAll(!all)}
            >
              {all ? "Only this one" : `On all ${samples.length}`}
            </button>
          ) : null}
        </div>
      ) : null}
      {hint ? (
        <p className="mt-0.5 text-muted">
          <InlineCode text={hint} />
        </p>
      ) : null}
      {all && samples.length > 1 ? <OnAll tried={props} samples={samples} chosen={scope} /> : null}
    </div>
  );
}

function Outcome({ result, words }: { result: NonNullable<Evaluated>; words?: string | undefined }) {
  if (!result.ok) return <span className="min-w-0 break-words font-sans text-warn">{result.message}</span>;
  return (
    <span className="min-w-0 truncate">
      {words === undefined ? null : <span className="sr-only">Result on {words}: </span>}
      {result.text}
    </span>
  );
}

/** Sample by sample: what it gives, or why it fails there. */
function OnAll({ tried, samples, chosen }: { tried: Tried; samples: readonly Scope[]; chosen: Scope | null }) {
  const { source, holes, variables, expects } = tried;
  const [results, setResults] = useState<readonly Evaluated[]>([]);
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(() => {
      void Promise.all(samples.map((scope) => evaluateOn(source, { holes, scope, variables, expects }))).then(
        (next) => {
          if (!gone) setResults(next);
        },
      );
    }, 150);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [source, holes, variables, expects, samples]);
  const failed = results.filter((result) => result && !result.ok).length;
  return (
    <table className="mt-1 w-full table-fixed border-collapse rounded-md border border-line font-mono">
      <caption className="pb-0.5 text-left font-sans text-muted">
        {failed === 0 ? `Works on all ${samples.length} samples` : `Fails on ${failed} of ${samples.length} samples`}
      </caption>
      <tbody>
        {samples.map((sample, index) => (
          <tr
            // biome-ignore lint/suspicious/noArrayIndexKey: a sample's place in the list is all it has
            key={index}
            className={clsx("border-b border-line last:border-b-0", sample === chosen && "bg-accent-soft")}
          >
            <th scope="row" className="w-20 truncate px-2 py-0.5 text-left font-normal text-muted" title={sample.words}>
              {nameSample(sample, index)}
            </th>
            <td className="truncate px-2 py-0.5">
              {results[index] ? <Outcome result={results[index]} /> : <span className="text-faint">…</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A sample is called by its key, else by its place. */
export function nameSample({ values }: Scope, index: number): string {
  return typeof values.key === "string" && values.key !== "" ? values.key : `#${index + 1}`;
}

function useTried({ source, holes, variables, expects }: Tried, scope: Scope | null): Evaluated {
  const [result, setResult] = useState<Evaluated>(null);
  useEffect(() => {
    if (holes && !source.includes("${")) {
      setResult(null);
      return;
    }
    let gone = false;
    const timer = setTimeout(() => {
      void evaluateOn(source, { holes, scope, variables, expects }).then((next) => {
        if (!gone) setResult(next);
      });
    }, 120);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [source, holes, scope, variables, expects]);
  return result;
}

function useHint({ source, holes, variables }: Tried, body: Parameters<typeof hintAbsent>[1]): string | null {
  const [hint, setHint] = useState<string | null>(null);
  const applies = !holes && variables.includes("body");
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(() => {
      const found = applies ? hintAbsent(source, body) : Promise.resolve(null);
      void found.then((next) => {
        if (!gone) setHint(next);
      });
    }, 400);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [source, applies, body]);
  return hint;
}
