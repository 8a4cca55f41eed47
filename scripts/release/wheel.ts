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

// Python's own pyrpc-core also installs a script "pyrpc", and the last installation wins. So the executable has a
// unique name, and "pyrpc" only starts it.
const LAUNCHER = `#!/bin/sh
self=$(readlink -f -- "$0" 2>/dev/null || printf '%s' "$0")
exec "$(dirname -- "$self")/pyrpc-toolkit" "$@"
`;
const WINDOWS_LAUNCHER = `@"%~dp0pyrpc-toolkit.exe" %*\r\n`;

/** Creates the wheel: two scripts, no Python module. */
export function wheel(target: Target, content: WheelContent): Uint8Array {
  const base = `pyrpc_toolkit-${content.version}`;
  const scripts = `${base}.data/scripts`;
  const info = `${base}.dist-info`;
  const text = (path: string, text: string, isExecutable = false): Member => ({
    path,
    content: Buffer.from(text),
    isExecutable,
  });
  const tags = target.wheel.split(".").map((tag) => `Tag: py3-none-${tag}\n`).join("");
  const members: Member[] = [
    {
      path: `${scripts}/${executableName(target, "pyrpc-toolkit")}`,
      content: content.executable,
      isExecutable: true,
    },
    target.format === "pe"
      ? text(`${scripts}/pyrpc.cmd`, WINDOWS_LAUNCHER)
      : text(`${scripts}/pyrpc`, LAUNCHER, true),
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
