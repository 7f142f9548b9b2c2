/** Servers that come as Maven artefacts. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { readJavaMajor, run, runOrFail } from "../system.mjs";

/** Copies the jars of a pom into a folder, once, and gives the folder. Needs Maven the first time only. @throws Refusal */
export async function fetchJars({ name, pom, folder, timeoutMs }) {
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const args = [
    ...["-q", "-B", "-f", pom, "dependency:copy-dependencies"],
    ...[`-DoutputDirectory=${unfinished}`, "-DincludeScope=runtime"],
  ];
  await runOrFail(`Fetching ${name} with Maven`, "mvn", args, { timeoutMs });
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** What is missing to start a server from the jars of a folder: Java 17, and Maven unless they are there already. */
export async function findJarNeeds(folder) {
  const missing = [];
  if (((await readJavaMajor()) ?? 0) < 17) missing.push("Java 17");
  if (!existsSync(folder) && !(await run("mvn", ["-v"]).catch(() => null))?.ok) missing.push("Maven");
  return missing;
}
