/** Members of a result that contain the items of a page. */
export const PAGE_LISTS: ReadonlySet<string> = new Set([
  "items",
  "results",
  "data",
  "records",
  "entries",
]);
