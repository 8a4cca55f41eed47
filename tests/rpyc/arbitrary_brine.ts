import fc from "fast-check";
import {
  type BrineValue,
  Complex,
  Ellipsis,
  FrozenSet,
  NotImplemented,
  Slice,
} from "../../lib/rpyc/brine.ts";

/** Any value that brine can hold, made so that Python can hold it, too: text without lone surrogates, hashable set members. */
export function arbitraryBrine({ maxMembers = 4 } = {}): fc.Arbitrary<BrineValue> {
  const scalar: fc.Arbitrary<BrineValue> = fc.oneof(
    fc.constantFrom<BrineValue>(null, true, false, NotImplemented, Ellipsis),
    fc.bigInt({ min: -300n, max: 300n }),
    fc.bigInt({ min: -(2n ** 900n), max: 2n ** 900n }),
    fc.double(),
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.double(), fc.double()).map(([real, imaginary]) => new Complex(real, imaginary)),
  );
  const { value } = fc.letrec<{ value: BrineValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      scalar,
      fc.array(tie("value"), { maxLength: 6 }),
      fc.array(fc.constant(null), { minLength: 250, maxLength: 260 }),
      fc.tuple(tie("value"), tie("value"), tie("value")).map(([start, stop, step]) =>
        new Slice(start, stop, step)
      ),
      fc.uniqueArray(fc.bigInt(), { maxLength: maxMembers }).map((members) =>
        new FrozenSet(members)
      ),
    ),
  }));
  return value;
}
