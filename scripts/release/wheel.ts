/**
 * The executable as a Python wheel, for those who live in pip and uv.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { type Member, zip } from "./archive.ts";
import { executableName, type Target } from "./targets.ts";

/** Content of a wheel. */
export interface WheelContent {
  readonly version: string;
  readonly executable: Uint8Array;
  readonly license: string;
  readonly notices: string;
  /** The description, Markdown. */
  readonly readme: string;
}

/** The file's name in the format of wheels. */
export function wheelName(target: Target, version: string): string {
  return `pyrpc_toolkit-${version}-py3-none-${target.wheel}.whl`;
}

/**
 * Creates the wheel: one script, no Python module. In a Python environment the name `pyrpc` belongs to pyrpc-core, which
 * installs a script of that name: the last installation of the two would win.
 */
export function wheel(target: Target, content: WheelContent): Uint8Array {
  const base = `pyrpc_toolkit-${content.version}`;
  const scripts = `${base}.data/scripts`;
  const info = `${base}.dist-info`;
  const text = (path: string, text: string): Member => ({ path, content: Buffer.from(text) });
  const tags = target.wheel.split(".").map((tag) => `Tag: py3-none-${tag}\n`).join("");
  const members: Member[] = [
    {
      path: `${scripts}/${executableName(target, "pyrpc-toolkit")}`,
      content: content.executable,
      isExecutable: true,
    },
    text(`${info}/licenses/LICENSE`, content.license),
    text(`${info}/licenses/THIRD_PARTY_NOTICES.txt`, content.notices),
    text(
      `${info}/METADATA`,
      `Metadata-Version: 2.4
Name: pyrpc-toolkit
Version: ${content.version}
Summary: TypeScript types for a Python backend, from the backend itself
License-Expression: MIT
License-File: LICENSE
License-File: THIRD_PARTY_NOTICES.txt
Requires-Python: >=3.8
Description-Content-Type: text/markdown

${content.readme}`,
    ),
    text(
      `${info}/WHEEL`,
      `Wheel-Version: 1.0\nGenerator: pyrpc-toolkit (${content.version})\nRoot-Is-Purelib: false\n${tags}`,
    ),
  ];
  const record = members.map(({ path, content }) => {
    const hash = createHash("sha256").update(content).digest("base64url");
    return `${path},sha256=${hash},${content.length}\n`;
  }).join("");
  return zip([...members, text(`${info}/RECORD`, `${record}${info}/RECORD,,\n`)]);
}
