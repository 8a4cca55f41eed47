/** Lua scripts for wrk. Ids and arguments increase with every call, so that no request repeats. */

/** Calls in one message of a batch. */
export const BATCH_SIZE = 50;

/** The body of one call; `$n` is its number, `$m` a number derived from it. */
const CALLS = {
  "add": `{"id":$n,"method":"add","params":[$n,$m]}`,
  "add with spaces": `{"id": $n, "method": "add", "params": [$n, $m]}`,
  "add as JSON-RPC": `{"jsonrpc":"2.0","id":$n,"method":"add","params":[$n,$m]}`,
  "add as REST": `{"a":$n,"b":$m}`,
  "save": `{"id":$n,"method":"save","params":{"customer":{"id":$n,"name":"Ada $n",` +
    `"email":"ada$n@example.com","born":"1990-12-10","is_active":true,"balance":$m.5,` +
    `"tags":["a","b"],"state":"known","note":null,` +
    `"address":{"street":"Main Street $m","city":"London"}}}}`,
} as const;

/** A call that a load repeats with other numbers. */
export type CallName = keyof typeof CALLS;

/** The body of one request, as {@link wrkScript} sends it. */
export function exampleBody(call: CallName): string {
  return CALLS[call].replaceAll("$n", "12345678901").replaceAll("$m", "38366");
}

/** A script that sends one call with each request. */
export function wrkScript(call: CallName): string {
  return script(call, "one()");
}

/** A script that sends {@link BATCH_SIZE} calls with each request. `separator` joins them. */
export function wrkBatchScript(call: CallName, separator: "," | ", "): string {
  return `local calls = {}
${script(call, "batch()")}
function batch()
  for item = 1, ${BATCH_SIZE} do calls[item] = one() end
  return "[" .. table.concat(calls, "${separator}") .. "]"
end
`;
}

function script(call: CallName, body: "one()" | "batch()"): string {
  const text = `'${CALLS[call].replace(/\$([nm])/g, "' .. $1 .. '")}'`;
  return `local head
function init()
  head = "POST " .. wrk.path .. " HTTP/1.1\\r\\nHost: " .. wrk.headers["Host"] ..
    "\\r\\nContent-Type: application/json\\r\\nContent-Length: "
end
local n = os.time() % 100000 * 1000000
function one()
  n = n + 1
  local m = (n * 7919) % 100003
  return ${text}
end
function request()
  local body = ${body}
  return head .. #body .. "\\r\\n\\r\\n" .. body
end
`;
}
