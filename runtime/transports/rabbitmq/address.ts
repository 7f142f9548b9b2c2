import { TransportError, type TransportOptions } from "../../transport";
import { readCertificate } from "../tls";

/** Where a connection leads, with credentials; `shown` has none. */
export interface RabbitAddress {
  readonly hostname: string;
  readonly port: number;
  readonly vhost: string;
  readonly username: string;
  readonly password: string;
  readonly tls: boolean;
  /** PEM of who signed the certificates of the broker and of its management API. */
  readonly certificate: string | undefined;
  /** Of the management API, without a path. */
  readonly management: string;
  /** `127.0.0.1:5672`. */
  readonly shown: string;
}

/** @throws TransportError when there is no address, or it cannot be read. */
export function readAddress({ name, config, secrets, environment }: TransportOptions): RabbitAddress {
  const text = (field: string) => (typeof config[field] === "string" ? (config[field] as string).trim() : "");
  const given = text("url") || environment.rabbitmqUrl || "";
  if (given === "") {
    const message = `The connection ${name} has no address: give it one, or start the worker with RABBITMQ_URL.`;
    throw new TransportError({ code: "connection-incomplete", message });
  }
  let url: URL;
  let vhost: string;
  let username: string;
  let password: string;
  try {
    url = new URL(given);
    if ((url.protocol !== "amqp:" && url.protocol !== "amqps:") || url.hostname === "") throw new Error("not amqp");
    vhost = decodeURIComponent(url.pathname.slice(1)) || "/";
    username = decodeURIComponent(url.username) || "guest";
    password = secrets.password || decodeURIComponent(url.password) || "guest";
  } catch {
    const message = `The address of the connection ${name} cannot be read: it looks like amqp://user@host:5672/vhost.`;
    throw new TransportError({ code: "connection-incomplete", message });
  }
  const tls = url.protocol === "amqps:";
  const port = Number(url.port || (tls ? 5671 : 5672));
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  return {
    hostname,
    port,
    vhost,
    username,
    password,
    tls,
    certificate: readCertificate(config),
    // The password that it is asked with goes by TLS, too.
    management:
      text("management").replace(/\/+$/, "") ||
      (tls ? `https://${url.hostname}:15671` : `http://${url.hostname}:15672`),
    shown: `${url.hostname}:${port}`,
  };
}
