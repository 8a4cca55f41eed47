/**
 * A whole number that is sent as a float. JavaScript does not distinguish 2.0 from 2; MessagePack, Python and YAML do.
 */
export class WireFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}
