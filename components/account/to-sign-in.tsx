"use client";

import { useEffect } from "react";

/** Sends a visitor to the sign-in page, which leads back to this very address. */
export function ToSignIn() {
  useEffect(() => {
    location.replace(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`);
  }, []);
  return null;
}
