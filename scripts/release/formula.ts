import { findTarget, type Target } from "./targets.ts";
import { archiveName, RELEASES, REPOSITORY } from "./names.ts";

/** Creates `Formula/pyrpc.rb` for a Homebrew tap. `sums`: the checksum of each archive by its name. */
export function formulaText(version: string, sums: ReadonlyMap<string, string>): string {
  const source = (triple: string) => {
    const name = archiveName(findTarget(triple) as Target, version);
    const sum = sums.get(name);
    if (sum === undefined) throw new Error(`SHA256SUMS has no ${name}`);
    return `      url "${RELEASES}/download/v${version}/${name}"\n      sha256 "${sum}"`;
  };
  return `# Made by scripts/release/formula.ts from SHA256SUMS.
class Pyrpc < Formula
  desc "TypeScript types for a Python backend, from the backend itself"
  homepage "${REPOSITORY}"
  version "${version}"
  license "MIT"

  on_macos do
    on_arm do
${source("aarch64-apple-darwin")}
    end
    on_intel do
${source("x86_64-apple-darwin")}
    end
  end

  on_linux do
    on_arm do
${source("aarch64-unknown-linux-gnu")}
    end
    on_intel do
${source("x86_64-unknown-linux-gnu")}
    end
  end

  def install
    bin.install "pyrpc"
    bin.install_symlink "pyrpc" => "pyrpc-toolkit"
    man1.install "man/pyrpc.1"
    generate_completions_from_executable(bin/"pyrpc", "completions", shells: [:bash, :zsh, :fish])
  end

  test do
    assert_match "pyrpc-toolkit #{version}", shell_output("#{bin}/pyrpc --version")
    (testpath/"schema.json").write <<~JSON
      {"add": {"name": "add", "doc": "", "parameters": [
        {"name": "a", "required": true, "schema": {"type": "integer"}},
        {"name": "b", "required": true, "schema": {"type": "integer"}}
      ], "return_schema": {"type": "integer"}}}
    JSON
    system bin/"pyrpc", "codegen", "schema.json", "--out", "api.ts"
    assert_match "add", (testpath/"api.ts").read
  end
end
`;
}
