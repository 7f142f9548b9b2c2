"use client";

import type { TestCase, TestMessage } from "@/flow/test-case";
import { Input } from "../ui/input";
import { Checkbox } from "../ui/switch";

/** Cases before they are kept: named, looked at, left out. */
export function CapturedList({
  cases,
  waiting,
  left,
  onLeft,
  onCases,
}: {
  cases: TestCase[] | null;
  waiting: boolean;
  left: ReadonlySet<number>;
  onLeft(left: ReadonlySet<number>): void;
  onCases(cases: TestCase[]): void;
}) {
  if (!cases || cases.length === 0) {
    return (
      <p className="py-4 text-center text-muted" role="status">
        {waiting
          ? "Waiting for messages…"
          : cases
            ? "No messages were there."
            : "The messages stand here before they are kept."}
      </p>
    );
  }
  return (
    <ul className="divide-y divide-line rounded-md border" aria-label="Cases to keep">
      {cases.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names are typed here; the place is the identity
        <li key={index} className="flex items-start gap-3 px-3 py-2">
          <span className="pt-2">
            <Checkbox
              label={`Keep ${each.name}`}
              checked={!left.has(index)}
              onCheckedChange={(keep) => {
                const next = new Set(left);
                if (keep) next.delete(index);
                else next.add(index);
                onLeft(next);
              }}
            />
          </span>
          <div className="min-w-0 flex-1">
            <Input
              aria-label={`Name of case ${index + 1}`}
              value={each.name}
              maxLength={120}
              onChange={(event) =>
                onCases(cases.map((own, place) => (place === index ? { ...own, name: event.target.value } : own)))
              }
            />
            <p className="mt-1 truncate font-mono text-12 text-muted" title={preview(each.message)}>
              {preview(each.message)}
            </p>
            <details>
              <summary className="text-12 text-muted">{describeExpected(each)}</summary>
              <pre className="thin-scroll mt-1 max-h-48 overflow-auto whitespace-pre-wrap break-words rounded-md bg-sunken p-2 font-mono text-12">
                {JSON.stringify({ expect: each.expect, ...(each.fails ? { fails: each.fails } : {}) }, null, 2)}
              </pre>
            </details>
          </div>
        </li>
      ))}
    </ul>
  );
}

function preview({ key, body, text, base64 }: TestMessage): string {
  const value = text ?? base64 ?? JSON.stringify(body ?? null);
  return key === undefined || key === null ? value : `${key}  ${value}`;
}

/** "expects 1 message at orders-de": where something comes. */
function describeExpected({ expect, fails }: TestCase): string {
  const places = Object.entries(expect).filter(([, messages]) => messages.length > 0);
  const words = places.map(([at, messages]) => `${messages.length} at ${at}`);
  const failing = (fails ?? []).map(({ node, code }) => `a failure at ${node} (${code})`);
  const all = [...words, ...failing];
  return all.length === 0 ? "Expects that nothing comes" : `Expects ${all.join(", ")}`;
}
