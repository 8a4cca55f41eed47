/** A call as code of other programs. @module */

/** A curl command. In a shell, single quotes quote everything except themselves. */
export function curlOf(url: string, body: string): string {
  return `curl -s ${quoted(url)} -H 'content-type: application/json' \\\n  -d ${quoted(body)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Code for a TypeScript client. `params` is JSON text. */
export function clientCallOf(url: string, method: string, params: string): string {
  const name = /^[A-Za-z_$][\w$]*$/.test(method) ? `.${method}` : `[${JSON.stringify(method)}]`;
  const args = params.trim() === "{}" ? "" : params;
  return `import { createClient } from "@pyrpc/client";\nimport type { Types } from "@pyrpc/types";\n\n` +
    `const client = createClient<Types>({ baseUrl: ${
      JSON.stringify(url.replace(/\/rpc$/, ""))
    } });\n` +
    `const result = await client${name}(${args});`;
}
