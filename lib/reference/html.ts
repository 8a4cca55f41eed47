import { plainText } from "../plain_text.ts";
import { anchorOf, defaultText, MARKS, type Reference } from "./reference.ts";
import type { ProcedureDescription } from "../inspect/mod.ts";

/**
 * Formats a reference as one HTML page without scripts and without requests to other files. All texts of the contract are
 * escaped.
 */
export function renderHtml(reference: Reference): string {
  const { title, version, url, procedures, types } = reference;
  const link = typeLinks(types);
  const count = `${procedures.length} ${procedures.length === 1 ? "procedure" : "procedures"}`;
  const about = [version === undefined ? [] : `Version ${version}`, count, url ?? []].flat();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${MARKS.html}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<nav aria-label="Contents">
<p><strong>${escape(title)}</strong></p>
<ul>
${procedures.map(navigationItem).join("\n")}
</ul>
${types.size === 0 ? "" : `<p><a href="#types">Types</a></p>\n`}</nav>
<main>
<h1>${escape(title)}</h1>
<p class="soft">${about.map(escape).join(" · ")}</p>
${procedures.map((procedure) => procedureSection(procedure, link)).join("\n")}
${types.size === 0 ? "" : typesSection(types, link)}</main>
</body>
</html>
`;
}

/** Formats TypeScript with a link for each declared type. */
type Link = (code: string) => string;

function typeLinks(types: ReadonlyMap<string, string>): Link {
  return (code) =>
    // At odd indexes are the identifiers; between them also strings, so that a word inside is not a type.
    code.split(/("(?:[^"\\]|\\.)*"|[\p{ID_Start}_$][\p{ID_Continue}$]*)/u).map((part) =>
      types.has(part) ? `<a href="#${anchorOf("type", part)}">${escape(part)}</a>` : escape(part)
    ).join("");
}

function navigationItem(procedure: ProcedureDescription): string {
  const { name } = procedure;
  return `<li><a href="#${anchorOf("procedure", name)}">${escape(name)}</a></li>`;
}

function procedureSection(procedure: ProcedureDescription, link: Link): string {
  const { name, kind, doc, signature, parameters, returns } = procedure;
  const rows = parameters.map((parameter) =>
    `<tr><th scope="row"><code>${escape(parameter.name)}</code></th><td><code>${
      link(parameter.type)
    }</code></td><td>${escape(defaultText(parameter))}</td><td>${
      withCode(parameter.about)
    }</td></tr>`
  );
  const table = rows.length === 0
    ? ""
    : `<div class="wide" tabindex="0" role="region" aria-label="Parameters of ${
      escape(name)
    }"><table>
<thead><tr><th scope="col">Parameter</th><th scope="col">Type</th><th scope="col">Default</th><th scope="col">Description</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table></div>
`;
  const about = returns.about === "" ? "" : ` ${withCode(returns.about)}`;
  return `<section id="${anchorOf("procedure", name)}">
<h2>${escape(name)}${kind === null ? "" : ` <span class="kind ${kind}">${kind}</span>`}</h2>
${doc.trim() === "" ? "" : `<p class="doc">${withCode(doc.trim())}</p>\n`}<pre tabindex="0"><code>${
    link(signature)
  }</code></pre>
${table}<p>Returns <code>${link(returns.type)}</code>${about}</p>
</section>`;
}

function typesSection(types: ReadonlyMap<string, string>, link: Link): string {
  const all = [...types].map(([name, text]) =>
    `<h3 id="${anchorOf("type", name)}">${escape(name)}</h3>\n<pre tabindex="0"><code>${
      link(text)
    }</code></pre>`
  );
  return `<section id="types">\n<h2>Types</h2>\n${all.join("\n")}\n</section>\n`;
}

function withCode(text: string): string {
  return text.split(/``?([^`\n]+)``?/).map((part, index) =>
    index % 2 === 0 ? escape(part) : `<code>${escape(part)}</code>`
  ).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return plainText(text).replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
}

const STYLE =
  `:root{color-scheme:light dark;--back:#fff;--panel:#f5f6f8;--text:#1b1f24;--soft:#5b6470;--line:#d5d9df;--accent:#0b63c4;--warm:#8a4b00}
@media (prefers-color-scheme:dark){:root{--back:#14171c;--panel:#1c2027;--text:#e6e9ee;--soft:#9aa4b2;--line:#343b46;--accent:#6ab0ff;--warm:#ffb86b}}
*{box-sizing:border-box}
body{margin:0;display:grid;grid-template-columns:minmax(180px,260px) minmax(0,1fr);background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:20px;background:var(--panel);border-right:1px solid var(--line);overflow-wrap:anywhere}
nav ul{list-style:none;margin:0;padding:0}
nav li{padding:2px 0}
main{padding:24px 32px;max-width:900px}
a{color:var(--accent)}
nav a{text-decoration:none}
h1{margin:0}
h2{margin:0 0 4px;overflow-wrap:anywhere}
section{padding:24px 0;border-top:1px solid var(--line)}
.soft{color:var(--soft);margin:4px 0 24px;overflow-wrap:anywhere}
.doc{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 12px}
.kind{font-size:13px;font-weight:500;border:1px solid currentColor;border-radius:9px;padding:1px 7px;vertical-align:middle;color:var(--soft)}
.mutation{color:var(--warm)}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:10px 12px;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}
code{font:13px/1.5 ui-monospace,monospace}
.wide{overflow:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-bottom:1px solid var(--line)}
thead th{color:var(--soft);font-weight:500}
@media (max-width:760px){body{display:block}nav{position:static;height:auto;max-height:40vh;border-right:0;border-bottom:1px solid var(--line)}main{padding:16px}}`;
