import { TransportError, type TransportOptions } from "../../transport";
import type { PulsarSettings } from "./websocket/client";

/** What a connection says. @throws TransportError when it leads nowhere. */
export function readSettings({
  name,
  config,
  secrets,
  environment,
}: TransportOptions): PulsarSettings & { readonly tenant: string; readonly namespace: string } {
  const text = (field: string) => (typeof config[field] === "string" ? (config[field] as string).trim() : "");
  const given = text("url") || environment.pulsarUrl || "";
  const incomplete = (words: string) =>
    new TransportError({ code: "connection-incomplete", message: `The connection ${name} ${words}` });
  if (given === "") {
    throw incomplete(
      "has no address, and the worker was started without PULSAR_URL. Give it one, as ws://host:8080, or start a Pulsar here with `npm run services -- pulsar`.",
    );
  }
  const address = readUrl(given, ["ws:", "wss:"]);
  if (address === undefined) throw incomplete("has an address that cannot be read: it looks like ws://host:8080.");
  const adminText = text("adminUrl") || `${address.protocol === "wss:" ? "https" : "http"}://${address.host}`;
  const admin = readUrl(adminText, ["http:", "https:"]);
  if (admin === undefined)
    throw incomplete("has an admin address that cannot be read: it looks like http://host:8080.");
  const token = secrets.token?.trim();
  return {
    address: address.href.replace(/\/$/, ""),
    adminAddress: admin.href.replace(/\/$/, ""),
    token: token === "" ? undefined : token,
    tenant: text("tenant") || "public",
    namespace: text("namespace") || "default",
  };
}

/** Scheme, host and port; what else stands there (a password!) is left out. */
function readUrl(text: string, protocols: readonly string[]): URL | undefined {
  try {
    const url = new URL(text);
    return protocols.includes(url.protocol) ? new URL(`${url.protocol}//${url.host}`) : undefined;
  } catch {
    return undefined;
  }
}
