/**
 * Returns the release notes: a version's section of the changelog, or the unreleased one.
 *
 * @throws Error if neither exists, or it is empty
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const named = (name: string) =>
    sections.find((section) => section.split(/[\s\n]/)[0]?.replace(/[[\]]/g, "") === name);
  const section = named(version) ?? named("Unreleased");
  const text = section?.slice(section.indexOf("\n")).trim() ?? "";
  if (text === "") throw new Error(`CHANGELOG.md has no section for ${version}`);
  return `${text}\n`;
}
