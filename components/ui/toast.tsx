"use client";

import { Toaster as Sonner, toast } from "sonner";
import { wordsOfError } from "./error-words";

/** The place where short messages appear. Once per page. */
export function Toaster() {
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

/** Says that something was done. `undo` stands as a button beside it. */
export function notifyDone(
  message: string,
  more?: { description?: string; action?: { label: string; onClick(): void } },
): void {
  toast.success(message, {
    ...(more?.description ? { description: more.description } : {}),
    ...(more?.action ? { action: more.action } : {}),
  });
}

/** Says that something did not work, with its cause and code. */
export function notifyError(message: string, error?: unknown): void {
  if (error === undefined) {
    toast.error(message);
    return;
  }
  const words = wordsOfError(error);
  toast.error(message, {
    description: words.code ? `${words.message} (${words.code})` : words.message,
    duration: 8000,
  });
}

/** Says something neither good nor bad. */
export function notify(message: string, description?: string): void {
  toast(message, description ? { description } : {});
}
