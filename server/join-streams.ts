import "server-only";

/** The events of several streams as they come, until all have ended. Ending this one ends them. */
export async function* joinStreams<Event>(streams: readonly AsyncGenerator<Event>[]): AsyncGenerator<Event> {
  const next = (stream: AsyncGenerator<Event>) => stream.next().then((result) => ({ stream, result }));
  const pending = new Map(streams.map((stream) => [stream, next(stream)]));
  try {
    while (pending.size > 0) {
      const { stream, result } = await Promise.race(pending.values());
      if (result.done) pending.delete(stream);
      else {
        pending.set(stream, next(stream));
        yield result.value;
      }
    }
  } finally {
    for (const stream of streams) void stream.return(undefined);
  }
}
