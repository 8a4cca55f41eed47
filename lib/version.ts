/** The version of this toolkit: the one place where it is written; scripts check that `deno.json` agrees. */
export const VERSION = "0.1.0";

/**
 * The oldest Node that runs every spec: `util.styleText` came with it. The gate runs the specs under exactly this version,
 * and the npm packages' `engines` name it.
 */
export const OLDEST_NODE = "20.12.0";
