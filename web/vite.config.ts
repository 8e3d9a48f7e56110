import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { precompress } from "./precompress.ts";
import { preloadDoor } from "./preload-door.ts";

const server = process.env.PARLEY_DEV_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), preloadDoor(), precompress()],
  build: {
    outDir: "dist",
    sourcemap: false,
    target: "es2022",
    // Everything stays in files of our own: the content security policy allows no data: scripts or fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    proxy: { "/api": { target: server, ws: true, changeOrigin: true } },
  },
  test: {
    environment: "node",
    globals: false,
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
