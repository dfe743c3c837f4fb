import locales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import license from "rollup-plugin-license";
import type { Connect, Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { brotli } from "./build/brotli.ts";
import { budget } from "./build/budget.ts";

const roster = process.env.ROSTER_URL ?? "http://127.0.0.1:8080";

/** To the server it looks as if its own page asked: it gives tokens for development to no other. */
const api = { target: roster, changeOrigin: true, headers: { origin: new URL(roster).origin }, ws: true };

/** What the console asks of the server that it comes from. */
const proxy = Object.fromEntries(
  [
    "/graphql",
    "/console/settings.json",
    "/console/development",
    "/organization-avatar",
    "/user-avatar",
    "/dev/mail",
  ].map((path) => [path, api]),
);

/** What pages may load, as the binary says it, so that the preview is as strict. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Answers the page of an invite, which is outside of the base, with the page that all others are. */
const invitePage: Plugin = {
  name: "invite-page",
  configureServer: ({ middlewares }) => void middlewares.use(asConsole),
  configurePreviewServer: ({ middlewares }) => void middlewares.use(asConsole),
};

const asConsole: Connect.NextHandleFunction = (request, _response, next) => {
  if (request.url?.startsWith("/invite/")) request.url = "/console/";
  next();
};

export default defineConfig({
  base: "/console/",
  // The console speaks English; react-aria would bring what it says in thirty languages more.
  plugins: [
    locales.vite({ locales: ["en-US"] }),
    react(),
    invitePage,
    license({ thirdParty: { output: { file: "dist/licenses.txt" } } }),
    brotli(),
    budget(),
  ],
  server: { proxy },
  preview: { proxy, headers: { "Content-Security-Policy": contentSecurityPolicy } },
  build: {
    target: "es2022",
    // Small files are not put into others as `data:` addresses: the policy for content would refuse most of them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // All styles together are smaller than what a page would need of them, each in a file of its own.
    cssCodeSplit: false,
    // A file for each set of pages that share a module would make dozens of requests of a first load, each with its
    // headers. What three of them share, all load.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "start", tags: ["$initial"], priority: 1 },
            { name: "shared", test: /./, minShareCount: 3 },
          ],
        },
      },
    },
    chunkSizeWarningLimit: 600,
    reportCompressedSize: false,
  },
  test: {
    environment: "happy-dom",
    setupFiles: "test/setup.ts",
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
