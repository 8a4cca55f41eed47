/** The version of this toolkit, in one place. Scripts check that `deno.json` agrees. */
export const VERSION = "0.1.0";

/**
 * The oldest supported Node, which introduced `util.styleText`. The gate runs the specs under this version, and
 * `engines` of the npm packages requires it.
 */
export const OLDEST_NODE = "20.12.0";
