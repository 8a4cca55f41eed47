/** A flag of the command line and the absolute path of the file or folder that it names. */
export interface NamedTarget {
  readonly flag: string;
  readonly path: string;
}
