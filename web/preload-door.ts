/**
 * Names the files of the page before a meeting in index.html, so that the browser fetches them beside the entry instead of
 * after it: on a slow network that page comes a round trip earlier.
 */

import type { HtmlTagDescriptor, Plugin, Rollup } from "vite";

const PAGE = /src\/call\/MeetingPage\.tsx$/;

export function preloadDoor(): Plugin {
  return {
    name: "parley-preload-door",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle = {} }) => {
        const chunks = Object.values(bundle).filter((one): one is Rollup.OutputChunk => one.type === "chunk");
        const page = chunks.find((one) => PAGE.test(one.facadeModuleId ?? ""));
        if (page === undefined) throw new Error("the build has no file for the page before a meeting");
        const entry = chunks.find((one) => one.isEntry);
        const scripts = [page, ...chunks.filter((one) => page.imports.includes(one.fileName))].filter(
          (one) => one !== entry,
        );
        const styles = new Set(scripts.flatMap((one) => [...(one.viteMetadata?.importedCss ?? [])]));
        return [
          ...scripts.map((one) => link({ rel: "modulepreload", crossorigin: true, href: `/${one.fileName}` })),
          ...[...styles].map((file) => link({ rel: "preload", as: "style", crossorigin: true, href: `/${file}` })),
        ];
      },
    },
  };
}

function link(attrs: HtmlTagDescriptor["attrs"]): HtmlTagDescriptor {
  return { tag: "link", attrs, injectTo: "head" };
}
