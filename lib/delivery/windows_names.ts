const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])( *\.| *$)/i;
const REFUSED = /[<>:"|?*\p{Cc}]/u;

/** The reason why Windows cannot have a file or folder of this name; undefined if it can. */
export function windowsNameProblem(name: string): string | undefined {
  if (DEVICE.test(name)) return `"${name}" is a device on Windows`;
  if (/[. ]$/.test(name)) return `Windows removes the "${name.at(-1)}" at the end of the name`;
  const [character] = REFUSED.exec(name) ?? [];
  return character === undefined
    ? undefined
    : `Windows does not allow ${JSON.stringify(character)} in names`;
}
