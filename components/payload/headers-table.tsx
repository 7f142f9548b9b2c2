/** Headers of a message, in their order; a name may stand more than once. */
export function HeadersTable({ headers }: { headers: readonly (readonly [string, string])[] }) {
  if (headers.length === 0) return <p className="text-12 text-muted">No headers.</p>;
  return (
    <dl className="grid grid-cols-[minmax(96px,auto)_1fr] gap-x-4 gap-y-1 text-12">
      {headers.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a name may repeat; the place is the identity
        <div key={index} className="contents">
          <dt className="font-mono text-muted">{name}</dt>
          <dd className="break-all font-mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
