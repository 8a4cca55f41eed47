/** TODO @module */
export { type RpcUrl, rpcUrl } from "./rpc_url.ts";
