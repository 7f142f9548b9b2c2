import { defaultEnvironment } from "../flow/control";
import { createDatabase } from "./client";
import { seed } from "./seed";

/** `npm start` runs this after the migrations (bundled as dist/seed.mjs). */
const databaseUrl = process.env.DATABASE_URL;
if (!databaseUrl) throw new Error("DATABASE_URL is not set. `npm start` sets it; a seed on its own needs it.");
const database = createDatabase(databaseUrl, { maxConnections: 3, applicationName: "millrace-seed" });
try {
  const added = await seed(database, {
    environment: process.env.MILLRACE_ENVIRONMENT?.trim() || defaultEnvironment,
    examples: process.env.MILLRACE_EXAMPLES ?? "examples",
    webUrl: process.env.MILLRACE_URL ?? "",
    localTokenHash: process.env.MILLRACE_LOCAL_TOKEN_HASH ?? "",
  });
  console.log(JSON.stringify({ added }));
} finally {
  await database.close();
}
