"use client";

import { useSyncExternalStore } from "react";
import { themeStorageKey } from "./theme-script";

/** `system` follows the operating system; the choice is kept in this browser. */
export type Theme = "system" | "light" | "dark";

const changed = "millrace-theme";

function read(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

function subscribe(listener: () => void): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  addEventListener(changed, listener);
  media.addEventListener("change", listener);
  return () => {
    removeEventListener(changed, listener);
    media.removeEventListener("change", listener);
  };
}

/** Sets the theme of the page and keeps it. */
export function chooseTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(themeStorageKey);
    else localStorage.setItem(themeStorageKey, theme);
  } catch {
    // A browser that keeps nothing still shows the theme until the page is left.
  }
  dispatchEvent(new Event(changed));
}

/** What was chosen. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, read, () => "system");
}

/** What is on the screen now: `light` or `dark`. */
export function useColorScheme(): "light" | "dark" {
  return useSyncExternalStore(
    subscribe,
    () => {
      const theme = read();
      if (theme !== "system") return theme;
      return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    },
    () => "light",
  );
}
