/** Follows files, modules and URLs: calls back when they change. @module */
export { followFiles, type Following, type FollowOptions } from "./follow_files.ts";
export { followModule } from "./follow_module.ts";
export { type FollowedSource, followSource, type FollowSourceEvents } from "./follow_source.ts";
