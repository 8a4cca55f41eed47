/** A system with its names in each channel. */
export interface Target {
  /** Rust's name, which archives use: `x86_64-unknown-linux-gnu`. */
  readonly triple: string;
  /** Bun's name. x64 without AVX2 also runs on old machines, in emulators and under Rosetta. */
  readonly bun: string;
  /** True if `deno compile` supports it. */
  readonly hasDeno: boolean;
  readonly format: "elf" | "mach-o" | "pe";
  readonly arch: "x64" | "arm64";
  /** npm's `os`, `cpu` and `libc`. */
  readonly npm: { readonly os: string; readonly cpu: string; readonly libc?: string };
  /** The platform tag of the wheel. */
  readonly wheel: string;
}

/** Every system of a release. */
export const TARGETS: readonly Target[] = [
  {
    triple: "aarch64-apple-darwin",
    bun: "bun-darwin-arm64",
    hasDeno: true,
    format: "mach-o",
    arch: "arm64",
    npm: { os: "darwin", cpu: "arm64" },
    wheel: "macosx_13_0_arm64",
  },
  {
    triple: "x86_64-apple-darwin",
    bun: "bun-darwin-x64-baseline",
    hasDeno: true,
    format: "mach-o",
    arch: "x64",
    npm: { os: "darwin", cpu: "x64" },
    wheel: "macosx_13_0_x86_64",
  },
  {
    triple: "x86_64-unknown-linux-gnu",
    bun: "bun-linux-x64-baseline",
    hasDeno: true,
    format: "elf",
    arch: "x64",
    npm: { os: "linux", cpu: "x64", libc: "glibc" },
    wheel: "manylinux_2_17_x86_64.manylinux2014_x86_64",
  },
  {
    triple: "aarch64-unknown-linux-gnu",
    bun: "bun-linux-arm64",
    hasDeno: true,
    format: "elf",
    arch: "arm64",
    npm: { os: "linux", cpu: "arm64", libc: "glibc" },
    wheel: "manylinux_2_17_aarch64.manylinux2014_aarch64",
  },
  {
    triple: "x86_64-unknown-linux-musl",
    bun: "bun-linux-x64-musl-baseline",
    hasDeno: false,
    format: "elf",
    arch: "x64",
    npm: { os: "linux", cpu: "x64", libc: "musl" },
    wheel: "musllinux_1_2_x86_64",
  },
  {
    triple: "aarch64-unknown-linux-musl",
    bun: "bun-linux-arm64-musl",
    hasDeno: false,
    format: "elf",
    arch: "arm64",
    npm: { os: "linux", cpu: "arm64", libc: "musl" },
    wheel: "musllinux_1_2_aarch64",
  },
  {
    triple: "x86_64-pc-windows-msvc",
    bun: "bun-windows-x64-baseline",
    hasDeno: true,
    format: "pe",
    arch: "x64",
    npm: { os: "win32", cpu: "x64" },
    wheel: "win_amd64",
  },
  {
    triple: "aarch64-pc-windows-msvc",
    bun: "bun-windows-arm64",
    hasDeno: true,
    format: "pe",
    arch: "arm64",
    npm: { os: "win32", cpu: "arm64" },
    wheel: "win_arm64",
  },
];

/** Returns the target of a triple; undefined if it is unknown. */
export function findTarget(triple: string): Target | undefined {
  return TARGETS.find((target) => target.triple === triple);
}

/** Returns the target of this machine; on Linux the one with glibc. */
export function hostTarget(platform: string, arch: string): Target | undefined {
  return TARGETS.find(({ npm }) => npm.os === platform && npm.cpu === arch && npm.libc !== "musl");
}

/** Returns `name` with the target's extension of executables. */
export function executableName(target: Target, name = "pyrpc"): string {
  return target.format === "pe" ? `${name}.exe` : name;
}

/** Returns the kind of an executable by its first bytes; undefined if it is unknown. */
export function executableKind(head: Uint8Array): Pick<Target, "format" | "arch"> | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 64) return undefined;
  const known = (format: Target["format"], machine: number, x64: number, arm64: number) =>
    machine === x64
      ? { format, arch: "x64" as const }
      : machine === arm64
      ? { format, arch: "arm64" as const }
      : undefined;
  // ELF: e_machine; Mach-O (64 bit, little endian): cputype; PE: Machine after the address at 0x3c.
  if (view.getUint32(0) === 0x7f454c46) return known("elf", view.getUint16(18, true), 62, 183);
  if (view.getUint32(0, true) === 0xfeedfacf) {
    return known("mach-o", view.getUint32(4, true), 0x01000007, 0x0100000c);
  }
  if (view.getUint16(0) !== 0x4d5a) return undefined;
  const start = view.getUint32(0x3c, true);
  if (start + 6 > head.length || view.getUint32(start) !== 0x50450000) return undefined;
  return known("pe", view.getUint16(start + 4, true), 0x8664, 0xaa64);
}
