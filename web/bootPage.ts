/**
 * A Vite plugin for what `index.html` has to contain so that it paints before any other file is there: the styles of the
 * shell, and the script of src/boot/head.ts, which knows the files of each page. The server allows both by their hashes.
 */
import { buildSync } from "esbuild";
import type { Plugin, Rollup } from "vite";

/** The module of each page, and of each language. */
interface Options {
  pages: Record<string, string>;
  languages: Record<string, string>;
}

export function bootPage({ pages, languages }: Options): Plugin {
  let root = "";
  return {
    name: "boot-page",
    apply: "build",
    configResolved(config) {
      root = config.root;
    },
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const define = {
          PAGE_FILES: JSON.stringify(findFiles(bundle, root, pages)),
          LANGUAGE_FILES: JSON.stringify(findFiles(bundle, root, languages)),
        };
        const script = buildScript(`${root}/src/boot/head.ts`, define);
        return inlineStyles(html, bundle).replace("<!--boot-->", () => `${preloadFonts(bundle)}<script>${script}</script>`);
      },
    },
  };
}

function buildScript(file: string, define: Record<string, string>): string {
  const options = { bundle: true, minify: true, write: false, format: "iife", target: "es2022", define } as const;
  const [built] = buildSync({ entryPoints: [file], ...options }).outputFiles;
  if (!built) throw new Error(`${file}: nothing was built`);
  return built.text.trim();
}

/** Return for each module its file and all that it imports, without those that the page loads in any case. */
function findFiles(bundle: Rollup.OutputBundle, root: string, modules: Record<string, string>): Record<string, string[]> {
  const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
  const shell = new Set(chunks.filter(({ isEntry }) => isEntry).flatMap((entry) => collectFiles(bundle, entry)));
  return Object.fromEntries(
    Object.entries(modules).map(([name, module]) => {
      const chunk = chunks.find(({ moduleIds }) => moduleIds.includes(`${root}/${module}`));
      if (!chunk) throw new Error(`${module} is in no file of the build`);
      return [name, collectFiles(bundle, chunk).filter((file) => !shell.has(file))];
    }),
  );
}

function collectFiles(bundle: Rollup.OutputBundle, chunk: Rollup.OutputChunk, found = new Set<string>()): string[] {
  if (found.has(`/${chunk.fileName}`)) return [];
  found.add(`/${chunk.fileName}`);
  for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(`/${style}`);
  for (const name of chunk.imports) {
    const imported = bundle[name];
    if (imported?.type === "chunk") collectFiles(bundle, imported, found);
  }
  return [...found];
}

/** Replace each stylesheet of the page by its content. */
function inlineStyles(html: string, bundle: Rollup.OutputBundle): string {
  return html.replace(/<link rel="stylesheet"[^>]* href="\/([^"]+)">/g, (_, name: string) => {
    const { source } = bundle[name] as Rollup.OutputAsset;
    return `<style>${(typeof source === "string" ? source : new TextDecoder().decode(source)).trim()}</style>`;
  });
}

function preloadFonts(bundle: Rollup.OutputBundle): string {
  const fonts = Object.keys(bundle).filter((name) => name.endsWith(".woff2"));
  return fonts.map((name) => `<link rel="preload" as="font" type="font/woff2" crossorigin href="/${name}">`).join("");
}
