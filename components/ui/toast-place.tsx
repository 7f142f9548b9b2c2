"use client";

import { useEffect } from "react";
import { Toaster as Sonner, toast } from "sonner";
import { openToasts } from "./toast";

/** Where short messages appear. Reached only by `toast.tsx`, when there is one. */
export function ToastPlace() {
  // The place inside has begun to listen when this runs: effects of children come first.
  useEffect(() => openToasts(toast), []);
  return (
    <Sonner
      position="bottom-right"
      gap={8}
      style={{ fontFamily: "inherit" }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-[356px] items-start gap-2.5 rounded-md border border-line bg-raised px-3 py-2.5 text-13 text-text shadow-float",
          icon: "mt-0.5 shrink-0",
          title: "font-medium",
          description: "break-words text-muted",
          content: "min-w-0 flex-1",
          success: "[&_[data-icon]]:text-ok",
          error: "[&_[data-icon]]:text-bad",
          actionButton:
            "shrink-0 rounded-md border border-line-strong px-2 text-12 font-medium leading-6 hover:bg-hover",
        },
      }}
    />
  );
}
