// The client itself is `pyrpc_client.ts`. It is not exported, because the executable needs its text and bundlers do not
// accept one file both as text and as a module.
export {
  CLIENT_FILE,
  CLIENT_MODULE_FILE,
  clientModuleText,
  clientText,
  isClientText,
} from "./client_text.ts";
