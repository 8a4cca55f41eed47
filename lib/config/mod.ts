export { findUpwards } from "./find_file.ts";
export {
  editJson,
  elementsOf,
  fieldNames,
  fieldOf,
  type JsonEdit,
  type JsonField,
  type JsonFile,
  parseJsonFile,
  positionAt,
  readJsonFile,
  textOf,
  wrongValue,
} from "./json_file.ts";
export { writeConfigFile } from "./write_file.ts";
