/** A contract as a static page for people: HTML and Markdown. Pure. @module */
export { renderHtml } from "./html.ts";
export { renderMarkdown } from "./markdown.ts";
export { MARKS, type Reference, referenceOf, type ReferenceOptions } from "./reference.ts";
