/** The version of this toolkit: the one place where it is written; scripts check that `deno.json` agrees. */
export const VERSION = "0.1.0";
