/** The web page that shows a contract, calls its procedures and traces calls. @module */
export { createExplorer, type Explorer } from "./explorer.ts";
