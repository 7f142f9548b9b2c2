import * as z from "zod";
import type { When } from "../fields";

const pem = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\s\S]+?-----END (?:X509 |TRUSTED )?CERTIFICATE-----/;

/**
 * Who signed the server's certificate, where that is an authority of one's own. It is no secret, and stands among the settings in plain text:
 * a private key that was pasted with it is refused. `withTls` begins its help: what makes the connection use it.
 */
export const certificateAuthority = (withTls: string, when?: When) =>
  z
    .string()
    .refine((text) => !/PRIVATE KEY-----/.test(text), "leave the private key out: only the certificate is needed")
    .refine(
      (text) => text.trim() === "" || pem.test(text),
      "a certificate begins with -----BEGIN CERTIFICATE----- and ends with -----END CERTIFICATE-----",
    )
    .optional()
    .meta({
      title: "Certificate authority",
      help: `${withTls}: the certificate (PEM) of who signed the server's, where the system does not know it. Several may stand below one another.`,
      placeholder: "-----BEGIN CERTIFICATE-----",
      widget: "textarea",
      advanced: true,
      ...(when ? { when } : {}),
    });
