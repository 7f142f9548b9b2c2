/** @type {import("next").NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // Lint runs on its own (Biome); types are checked by `npm run types` over all layers at once.
  typescript: { ignoreBuildErrors: true },
};
