import { readQuickStart } from "../quick_start.ts";
import { shopProject } from "./shop_project.ts";
import { terminalPicture } from "./terminal_picture.ts";

/** `pyrpc test` of the quick start's backend with a fault: a price is missing for an empty text. */
export async function contractTestPicture() {
  const { python } = await readQuickStart();
  const faulty = python.replace(
    /return Product\((.*)price=39\.9(.*)\)/,
    'price = None if sku == "" else 39.9\n    return Product.model_construct($1price=price$2)',
  );
  if (faulty === python) throw new Error("README: the quick start has no price to replace");
  await using project = await shopProject(faulty);
  const output = await project.pyrpc(1, "test", "main");
  return terminalPicture(
    "Test of a backend",
    "pyrpc test reports a result that does not fit the contract, with the call that repeats it",
    `$ pyrpc test main\n${output}`,
  );
}
