/** Collections of an examples file: procedures that add, find, list and remove items. Pure. @module */
export { Collection } from "./collection.ts";
export {
  type CollectionDefinition,
  type CollectionProcedure,
  readCollections,
} from "./definition.ts";
export { CollectionCalls } from "./resolver.ts";
