const EVIL = `require("node:fs").writeFileSync("evil.txt", "evil"); throw new Error("evil");\n`;

/** A folder whose files try to change what is started in it; `evil.txt` is there afterwards where one of them ran. */
export const HOSTILE_FOLDER: Readonly<Record<string, string>> = {
  ".env": "PYRPC_SERVER_URL=http://127.0.0.1:9\nFORCE_COLOR=1\n",
  "bunfig.toml": `preload = ["./evil.js"]\n[define]\n"process.platform" = "'evil'"\n`,
  "evil.js": EVIL,
  "package.json": `{ "name": "x", "type": "commonjs", "imports": { "#x": "./evil.js" } }`,
  "tsconfig.json": `{ "compilerOptions": { "paths": { "*": ["./evil.js"] } } }`,
  "deno.json": `{ "imports": { "node:fs": "./evil.js", "yaml": "./evil.js" } }`,
  "node_modules/yaml/index.js": EVIL,
  "node_modules/yaml/package.json": `{ "name": "yaml", "main": "index.js" }`,
  "node_modules/ws/index.js": EVIL,
  "schema.json": `{ "add": { "name": "add", "parameters": [], "return_schema": {} } }`,
};
