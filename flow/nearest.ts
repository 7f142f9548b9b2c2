/** The name that was probably meant: the one that fewest changed letters lead to, if they are few. */
export function findNearest(name: string, names: Iterable<string>): string | undefined {
  const meant = name.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const each of names) {
    const changes = each.toLowerCase() === meant ? 0 : countChanges(meant, each.toLowerCase(), least);
    if (changes < least) [best, least] = [each, changes];
  }
  return best;
}

/** Letters to add, leave out, change, or swap with their neighbour; `limit` when there are as many or more. */
function countChanges(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return Math.min(limit, rows[a.length]![b.length]!);
}
