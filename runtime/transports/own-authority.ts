import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where a server finds its certificate and its key. */
export interface ServerFiles {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of a test's own, which no system knows. */
export interface Authority {
  /** What a connection is given to trust it (PEM). */
  readonly certificate: string;
  readonly file: string;
  /** A certificate with these names: `DNS:localhost`, `IP:127.0.0.1`. */
  sign(title: string, names: readonly string[]): Promise<ServerFiles>;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Made by `openssl` in the folder, which must be there; for two days. */
export async function makeAuthority(dir: string, title = "millrace-test-authority"): Promise<Authority> {
  const at = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => run("openssl", args, { cwd: dir });
  const [file, key] = [at(`${title}.pem`), at(`${title}.key`)];
  await openssl(
    ...["req", "-x509", ...newKey, "-keyout", key, "-out", file, "-days", "2", "-subj", `/CN=${title}`],
    ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
  );
  return {
    certificate: await readFile(file, "utf8"),
    file,
    async sign(name, names) {
      const files = { certificate: at(`${name}.pem`), key: at(`${name}.key`) };
      await writeFile(at(`${name}.ext`), `subjectAltName=${names.join(",")}\nextendedKeyUsage=serverAuth,clientAuth\n`);
      await openssl("req", ...newKey, "-keyout", files.key, "-out", at(`${name}.csr`), "-subj", `/CN=${name}`);
      await openssl(
        ...["x509", "-req", "-in", at(`${name}.csr`), "-CA", file, "-CAkey", key, "-CAcreateserial"],
        ...["-days", "2", "-extfile", at(`${name}.ext`), "-out", files.certificate],
      );
      return files;
    },
  };
}
