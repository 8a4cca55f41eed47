export { plainLine, plainText } from "../plain_text.ts";
export { renderError } from "./render_error.ts";
export { hasColours, type Style, styleFor, styleOf } from "./style.ts";
export { type Column, tableLines } from "./table.ts";
export { logLine } from "./log_line.ts";
