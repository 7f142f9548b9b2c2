"use client";

import { useEffect, useState } from "react";
import type { SagaView } from "@/server/saga-views";

/** What an approval asks, with the saga's data in its holes; as the drawing says it until they are filled, or where they cannot be. */
export function useQuestion(saga: SagaView, node: string): string {
  const { state, document } = saga;
  const written = document.nodes.find(({ id }) => id === node)?.config.question;
  const source = typeof written === "string" ? written : "";
  const [filled, setFilled] = useState<{ of: string; text: string } | null>(null);
  const { body, key, headers, id, startedAt } = state;
  const asked = `${id} ${node} ${source} ${body.text}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` says all that the words are made of
  useEffect(() => {
    let gone = false;
    void import("@/flow/template")
      .then(({ compileTemplate }) =>
        compileTemplate(source).render({
          body: JSON.parse(body.text),
          key,
          headers,
          meta: { saga: id, startedAt: new Date(startedAt) },
        }),
      )
      .then(
        (text) => !gone && setFilled({ of: asked, text }),
        () => {},
      );
    return () => {
      gone = true;
    };
  }, [asked]);
  return filled?.of === asked ? filled.text : source;
}
