/** Packages in an npm registry. @module */
export { fetchPublishedPackage, type PublishedPackage } from "./published_package.ts";
