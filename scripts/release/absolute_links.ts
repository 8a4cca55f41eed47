import { REPOSITORY } from "./names.ts";

/** Makes the relative links and pictures of README.md absolute, for pages outside of the repository. */
export function absoluteLinks(markdown: string): string {
  const isRelative = (target: string) => !/^([a-z]+:|#)/.test(target);
  return markdown
    .replace(
      /\]\(([^)\s]+)\)/g,
      (all, target: string) => isRelative(target) ? `](${REPOSITORY}/blob/main/${target})` : all,
    )
    .replace(
      /\b(src|srcset)="([^"]+)"/g,
      (all, name: string, target: string) =>
        isRelative(target) ? `${name}="${REPOSITORY}/raw/main/${target}"` : all,
    );
}
