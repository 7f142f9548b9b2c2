import { fileURLToPath } from "node:url";

/** @type {import("next").NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // Lint runs on its own (Biome); types are checked by `npm run types` over all layers at once.
  typescript: { ignoreBuildErrors: true },
  // Else a lock file in a folder above is taken for the root.
  turbopack: { root: fileURLToPath(new URL(".", import.meta.url)) },
};
