// The client itself is `pyrpc_client.ts`. It is not exported here: what the executable needs of it is its text, and
// bundlers cannot take one file both as text and as a module.
export { CLIENT_FILE, clientText, isClientText } from "./client_text.ts";
