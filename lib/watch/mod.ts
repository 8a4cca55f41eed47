/** Follows files, modules and URLs: calls back when they change. @module */
export { followFiles, type Following, type FollowOptions } from "./follow_files.ts";
export { followModule } from "./follow_module.ts";
export { followUrl } from "./follow_url.ts";
