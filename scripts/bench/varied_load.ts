/**
 * Loads as real clients send them: ids run on, arguments differ. wrk runs this as Lua, so that making a body costs next to
 * nothing beside the request.
 */

/** Different arguments of a load that repeats: far more than a page asks for, and more than a small cache would hold. */
export const VARIED = 4_000;

/** What a load calls, and whether arguments ever come again. */
export interface VariedLoad {
  readonly calls: "add" | "save" | "batch";
  readonly repeats: boolean;
}

/** A script for wrk. */
export function wrkScript({ calls, repeats }: VariedLoad): string {
  const one = calls === "save" ? "save" : "add";
  return `${LUA}
local params = ${one}
${repeats ? `local made = {}\nfor k = 1, ${VARIED} do made[k] = ${one}(k) end` : ""}
local n = ${repeats ? "0" : "os.time() % 100000 * 1000000"}
local function call()
  n = n + 1
  return '{"id":' .. n .. ',"method":"${one}","params":' .. ${
    repeats ? `made[n % ${VARIED} + 1]` : "params(n)"
  } .. '}'
end
function request()
  ${calls === "batch" ? BATCH : "return send(call())"}
end
`;
}

/** A request that is always the same. */
export function sameScript(body: unknown): string {
  return [
    `wrk.method = "POST"`,
    `wrk.headers["content-type"] = "application/json"`,
    `wrk.body = [==[${JSON.stringify(body)}]==]`,
  ].join("\n");
}

const LUA = `local head
function init()
  head = "POST " .. wrk.path .. " HTTP/1.1\\r\\nHost: " .. wrk.headers["Host"] ..
    "\\r\\nContent-Type: application/json\\r\\nContent-Length: "
end
local function send(body) return head .. #body .. "\\r\\n\\r\\n" .. body end
local function add(k) return "[" .. k .. "," .. (k * 7919) % 100003 .. "]" end
local function save(k)
  return '{"customer":{"id":' .. k .. ',"name":"Ada ' .. k .. '","email":"ada' .. k ..
    '@example.com","born":"1990-12-10","is_active":true,"balance":' .. k ..
    '.5,"tags":["a","b"],"state":"known","note":null,"address":{"street":"Main Street ' .. k ..
    '","city":"London"}}}'
end`;

const BATCH = `local calls = {}
  for item = 1, 50 do calls[item] = call() end
  return send("[" .. table.concat(calls, ",") .. "]")`;
