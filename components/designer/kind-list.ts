import { categories, kinds } from "@/flow/catalog";
import type { Category, Kind } from "@/flow/kind";

/** Kinds that fit what is typed, best first: by name, then by the words about them. */
export function searchKinds(text: string, fits: (kind: Kind) => boolean = () => true): Kind[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const scored = kinds.filter(fits).flatMap((kind) => {
    const name = kind.label.toLowerCase();
    const all = `${name} ${kind.summary} ${kind.category} ${kind.kind} ${kind.role}`.toLowerCase();
    if (!words.every((word) => all.includes(word))) return [];
    const score = words.reduce((sum, word) => sum + (name.startsWith(word) ? 0 : name.includes(word) ? 1 : 2), 0);
    return [{ kind, score }];
  });
  return scored.sort((a, b) => a.score - b.score).map(({ kind }) => kind);
}

/** Kinds by category, in the palette's order; categories without kinds are left out. */
export function groupKinds(found: readonly Kind[]): { category: Category; kinds: Kind[] }[] {
  return categories.flatMap((category) => {
    const own = found.filter((kind) => kind.category === category);
    return own.length > 0 ? [{ category, kinds: own }] : [];
  });
}
