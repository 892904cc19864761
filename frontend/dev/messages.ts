/** Vite plugins for words: the macros in the source, and the catalogues. */
import { transformAsync } from "@babel/core";
import { lingui } from "@lingui/vite-plugin";
import type { Plugin } from "vite";

/**
 * Turns `t`, `plural` and `<Trans>` into calls; only files that import them are read.
 *
 * The words stay in the code, in production too: what no catalogue has is shown in English.
 */
function macros(): Plugin {
  return {
    name: "truefilm:messages",
    enforce: "pre",
    transform: {
      filter: { id: { include: /\/src\/.*\.tsx?$/ }, code: /@lingui\/(core|react)\/macro/ },
      async handler(code, id) {
        const result = await transformAsync(code, {
          filename: id,
          babelrc: false,
          configFile: false,
          sourceMaps: true,
          parserOpts: { plugins: id.endsWith("x") ? ["typescript", "jsx"] : ["typescript"] },
          plugins: [["@lingui/babel-plugin-lingui-macro", { stripMessageField: false }]],
        });
        return result === null ? null : { code: result.code ?? "", map: result.map ?? null };
      },
    },
  };
}

export function messages(): Plugin[] {
  return [macros(), ...[lingui()].flat()];
}
