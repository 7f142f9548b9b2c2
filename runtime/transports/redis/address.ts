/** Where a Redis is, as the address of its connection says. */
export interface RedisAddress {
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly db: number;
}

const form = /^(rediss?):\/\/(?:([^@]*)@)?([^/]*)(?:\/(\d+)?)?(?:\?.*)?$/;

/** Reads `redis://user@host:6379/0`, with several hosts separated by commas. `undefined`: it is none. */
export function readAddress(text: string, defaultPort = 6379): RedisAddress | undefined {
  const [, scheme, who, where, db] = form.exec(text.trim()) ?? [];
  if (scheme === undefined) return undefined;
  const hosts = (where ?? "")
    .split(",")
    .map((host) => readHost(host.trim(), defaultPort))
    .filter((host) => host !== undefined);
  if (hosts.length === 0) return undefined;
  const [username, password] = (who ?? "").split(":").map(decodeURIComponent);
  return {
    tls: scheme === "rediss",
    username: username || undefined,
    password: password || undefined,
    hosts,
    db: Number(db ?? 0),
  };
}

/** `host`, `host:port`, `[::1]:port`. */
function readHost(text: string, defaultPort: number): RedisAddress["hosts"][number] | undefined {
  const [, v6, name, port] = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = v6 ?? name;
  return host === undefined ? undefined : { host, port: Number(port ?? defaultPort) };
}

/** For people: hosts and database, without credentials. */
export function nameAddress({ hosts, db }: Pick<RedisAddress, "hosts" | "db">): string {
  return hosts.map(({ host, port }) => `${host}:${port}`).join(", ") + (db > 0 ? `/${db}` : "");
}
