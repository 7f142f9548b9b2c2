"use client";
export function FindEverywhere() {
  return null;
}
