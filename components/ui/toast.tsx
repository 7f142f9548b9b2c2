"use client";

import dynamic from "next/dynamic";
import type { toast as Toast } from "sonner";
import { create } from "zustand";
import { wordsOfError } from "./error-words";

const Place = dynamic(() => import("./toast-place").then((module) => module.ToastPlace), { ssr: false });

/** Most visits see no message, so what shows them is loaded with the first one; until it stands, messages wait here. */
const wanted = create(() => ({ is: false }));
const waiting: ((toast: typeof Toast) => void)[] = [];
let shown: typeof Toast | null = null;

function say(message: (toast: typeof Toast) => void): void {
  if (shown) {
    message(shown);
    return;
  }
  waiting.push(message);
  wanted.setState({ is: true });
}

/** The place stands: what waited is said. */
export function openToasts(toast: typeof Toast): void {
  shown = toast;
  for (const message of waiting.splice(0)) message(toast);
}

/** The place where short messages appear. Once per page. */
export function Toaster() {
  return wanted((state) => state.is) ? <Place /> : null;
}

/** Says that something was done. `undo` stands as a button beside it. */
export function notifyDone(
  message: string,
  more?: { description?: string; action?: { label: string; onClick(): void } },
): void {
  say((toast) =>
    toast.success(message, {
      ...(more?.description ? { description: more.description } : {}),
      ...(more?.action ? { action: more.action } : {}),
    }),
  );
}

/** Says that something did not work, with its cause and code. */
export function notifyError(message: string, error?: unknown): void {
  if (error === undefined) {
    say((toast) => toast.error(message));
    return;
  }
  const words = wordsOfError(error);
  say((toast) =>
    toast.error(message, {
      description: words.code ? `${words.message} (${words.code})` : words.message,
      duration: 8000,
    }),
  );
}

/** Says something neither good nor bad. */
export function notify(message: string, description?: string): void {
  say((toast) => toast(message, description ? { description } : {}));
}
