"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { FlowDocument } from "@/flow/document";
import { parseEndpoint } from "@/flow/graph";
import { readBody } from "../data/samples";
import { findKind, titleOfNode } from "../drawing/kinds";
import type { Scope } from "../form/environment";
import { useTRPC } from "../trpc/context";
import { useDesigner } from "./context";
import { nodeOf } from "./edit";
import { listedMessages, useNodeMessages } from "./last-messages";
import { sagaScopeOf } from "./saga-scope";

/**
 * What an expression of a node sees: the newest message that came in there, else a sample of the source that leads there. Asked again
 * every few seconds while the form is open.
 */
export function useScope(document: FlowDocument, node: string): Scope | null {
  const scope = useMessageScope(document, node);
  return useMemo(() => sagaScopeOf(document, node, scope), [document, node, scope]);
}

function useMessageScope(document: FlowDocument, node: string): Scope | null {
  const trpc = useTRPC();
  // The same question as the list under the form asks: one answer serves both.
  const newest = useNodeMessages(node, listedMessages);
  const source = useMemo(() => sourceOf(document, node), [document, node]);
  const own = newest.data?.[0];
  const needsSample = source !== null && newest.isFetched && own?.in == null;
  const sample = useQuery({
    ...trpc.messages.sample.queryOptions({ flow: document.name, node: source ?? node }),
    enabled: needsSample,
    staleTime: 30_000,
    retry: false,
  });
  // The server reads where the saved source says: asked anew when that is another place.
  const saved = useDesigner((state) => (source === null ? undefined : nodeOf(state.savedDocument, source)?.config));
  const { refetch } = sample;
  useEffect(() => {
    if (needsSample && saved) void refetch();
  }, [needsSample, saved, refetch]);
  const origin = source === null ? undefined : nodeOf(document, source);
  // The example of the kind stands in while the server does not know the node yet: an expression always has something to be tried on.
  const example = origin ? findKind(origin.kind)?.example.input : undefined;
  return useMemo(() => {
    const base = { source: source ?? node, lane: source ?? node, position: "0", timestamp: 0, attempt: 1 };
    if (own?.in != null) {
      const meta = { ...base, timestamp: own.at.getTime() };
      return { values: { body: readBody(own.in), key: own.key, headers: {}, meta }, words: "the newest message" };
    }
    if (sample.data) {
      const { key, headers, value, encoding } = sample.data;
      const body = encoding === "text" ? readBody(value) : value;
      const title = origin ? titleOfNode(origin) : "the source";
      const words = sample.data.isExample ? `an example of ${title}` : `the newest message of ${title}`;
      return { values: { body, key, headers: Object.fromEntries(headers), meta: base }, words };
    }
    // A generator needs no message: its body is made from `n` and its own functions.
    if (!example) return origin?.id === node ? { values: { meta: base }, words: "the first message" } : null;
    const values = { body: example.body, key: example.key ?? null, headers: example.headers ?? {}, meta: base };
    return { values, words: "an example" };
  }, [own, sample.data, example, node, source, origin]);
}

/** A source from which a message can come to the node; the node itself when it is one. */
export function sourceOf(document: FlowDocument, node: string): string | null {
  const seen = new Set<string>([node]);
  for (const id of seen) {
    const kind = nodeOf(document, id)?.kind;
    if (kind !== undefined && findKind(kind)?.role === "source") return id;
    for (const edge of document.edges) {
      if (parseEndpoint(edge.to, "in").node === id) seen.add(parseEndpoint(edge.from, "out").node);
    }
  }
  return null;
}
