"use client";

import type { ReactNode } from "react";
import { Button } from "../ui/button";
import { useDesignerStore } from "./context";
import { changeNode } from "./edit";

/** Takes a node's own retry settings away. */
export function ClearRetry({ node, children }: { node: string; children: ReactNode }) {
  const store = useDesignerStore();
  return (
    <Button
      size="sm"
      variant="ghost"
      onClick={() => {
        const { document, apply } = store.getState();
        apply(changeNode(document, node, { retry: undefined }));
      }}
    >
      {children}
    </Button>
  );
}
