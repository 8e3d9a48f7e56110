/** A build plugin that lays .br and .gz files beside everything worth compressing, so that the server never compresses. */

import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import type { Plugin } from "vite";

const COMPRESSIBLE = /\.(html|js|css|svg|json|webmanifest|txt|wasm|tflite)$/;
/** Below this the HTTP header of the encoding costs more than it saves. */
const SMALLEST_BYTES = 1024;

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

export function precompress(): Plugin {
  let folder = "dist";
  return {
    name: "parley-precompress",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      for await (const path of filesBelow(folder)) {
        if (!COMPRESSIBLE.test(path) || (await stat(path)).size < SMALLEST_BYTES) continue;
        const content = await readFile(path);
        const brotli = await promisify(brotliCompress)(content, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
        });
        const gzipped = await promisify(gzip)(content, { level: 9 });
        if (brotli.length < content.length) await writeFile(`${path}.br`, brotli);
        if (gzipped.length < content.length) await writeFile(`${path}.gz`, gzipped);
      }
    },
  };
}
