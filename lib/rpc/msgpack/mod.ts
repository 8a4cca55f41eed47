/** MessagePack, and MessagePack-RPC. Apart from `lib/rpc/mod.ts`, which runs in browsers too. @module */
export { decodeMsgpack, encodeMsgpack } from "./msgpack.ts";
export { MsgpackScanner } from "./msgpack_scanner.ts";
export { msgpackrpcProtocol } from "./msgpackrpc.ts";
