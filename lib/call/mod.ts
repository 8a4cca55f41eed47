/** Calls from a command line: arguments, validation, the equivalent curl command. @module */
export { curlCommand, type CurlOptions, headerFlag } from "./curl.ts";
export { type CallRequest, prepareCall, type PreparedCall } from "./prepare_call.ts";
