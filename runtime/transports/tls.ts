import { isIP } from "node:net";

/** What Node's TLS is given beside host and port. */
export interface TlsOptions {
  /** In place of the authorities that the system knows. */
  readonly ca?: string;
  /** Told to the server before it shows a certificate, as one address may serve several names. */
  readonly servername?: string;
}

/** `host`: absent where one client reaches several; an address is not told, as TLS has it. */
export function tlsOptions(certificate: string | undefined, host?: string): TlsOptions {
  return {
    ...(certificate ? { ca: certificate } : {}),
    ...(host !== undefined && isIP(host) === 0 ? { servername: host } : {}),
  };
}

/** The certificate that a connection's settings name, if any. */
export function readCertificate(config: Readonly<Record<string, unknown>>): string | undefined {
  const { certificate } = config;
  return typeof certificate === "string" && certificate.trim() !== "" ? certificate : undefined;
}

/**
 * Why a connection by TLS was not made, as words that end a sentence, with what to do; `undefined`: it is something else. `text`: code and message
 * of Node's error.
 */
export function describeTlsFailure(text: string): string | undefined {
  const { host, names } = readWrongName(text);
  if (host !== undefined) {
    const others = names === "" ? "" : ` but ${names}`;
    return `its certificate does not name ${host}${others}. Reach it by a name that stands there, or give it a certificate with this one.`;
  }
  if (/CERT_HAS_EXPIRED|certificate has expired/i.test(text)) return "its certificate has expired. It needs a new one.";
  if (/CERT_NOT_YET_VALID|not yet valid/i.test(text))
    return "its certificate is not valid yet. The clock here, or the one of whoever signed it, is wrong.";
  if (/alert (?:number 116|certificate required)|certificate_required|CERTIFICATE_REQUIRED/i.test(text))
    return "it asks for a certificate of the client, which connections here do not have. Let it do without.";
  if (/self.signed|unable to (?:verify|get)|CERT_|issuer|certificate/i.test(text))
    return "its certificate is not trusted. Give the connection the certificate of who signed it, under *Certificate authority*.";
  if (/EPROTO|wrong version number|packet length/i.test(text)) return "it does not speak TLS there.";
  if (/ERR_SSL|ERR_TLS|secure TLS|\balert\b/i.test(text)) return "the TLS connection could not be made.";
  return undefined;
}

/** Node's own words: `Host: mq. is not in the cert's altnames: DNS:a, DNS:b`, `IP: 10.0.0.1 is not in the cert's list: `. */
function readWrongName(text: string): { readonly host?: string; readonly names: string } {
  const found = /(?:Host|IP): (\S+?)\.? is not (?:in the cert's (?:altnames|list)|cert's CN): ?(.*)$/s.exec(text);
  if (found)
    return {
      host: found[1]!,
      names: found[2]!
        .replaceAll(/(?:DNS|IP Address):/g, "")
        .trim()
        .slice(0, 200),
    };
  return /ALTNAME|altnames/.test(text) ? { host: "this host", names: "" } : { names: "" };
}
