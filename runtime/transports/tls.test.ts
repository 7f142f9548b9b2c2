import { expect, it } from "vitest";
import { describeTlsFailure, readCertificate, tlsOptions } from "./tls";

it.each([
  ["SELF_SIGNED_CERT_IN_CHAIN self-signed certificate in certificate chain", "under *Certificate authority*"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT self-signed certificate", "its certificate is not trusted"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE unable to verify the first certificate", "its certificate is not trusted"],
  ["CERT_HAS_EXPIRED certificate has expired", "its certificate has expired"],
  ["CERT_NOT_YET_VALID certificate is not yet valid", "is not valid yet"],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID Hostname/IP does not match certificate's altnames: Host: mq.local. is not in the cert's altnames: DNS:a.example, DNS:b.example",
    "its certificate does not name mq.local but a.example, b.example. ",
  ],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: ",
    "its certificate does not name 127.0.0.1. ",
  ],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID Hostname/IP does not match certificate's altnames: Host: mq. is not cert's CN: rabbit",
    "its certificate does not name mq but rabbit. ",
  ],
  ["ERR_TLS_CERT_ALTNAME_INVALID Cert does not contain a DNS name", "its certificate does not name this host. "],
  [
    "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED ssl3_read_bytes:tlsv13 alert certificate required",
    "asks for a certificate of the client",
  ],
  ["EPROTO write EPROTO SSL routines:ssl3_get_record:wrong version number", "it does not speak TLS there."],
  [
    "ECONNRESET Client network socket disconnected before secure TLS connection was established",
    "the TLS connection could not be made.",
  ],
])("tells of %s", (text, words) => {
  expect(describeTlsFailure(text)).toContain(words);
});

it("leaves what is no matter of TLS to others", () => {
  for (const text of ["ECONNREFUSED connect ECONNREFUSED 127.0.0.1:5671", "ECONNRESET read ECONNRESET", "timed out"])
    expect(describeTlsFailure(text)).toBeUndefined();
});

it("tells the server a name, and never an address", () => {
  expect(tlsOptions("PEM", "mq.example")).toEqual({ ca: "PEM", servername: "mq.example" });
  for (const host of ["127.0.0.1", "::1", undefined]) expect(tlsOptions(undefined, host)).toEqual({});
  expect(readCertificate({ certificate: " \n" })).toBeUndefined();
});
