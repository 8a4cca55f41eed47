import {
  type Completion,
  defineCommand,
  malformedShell,
  repeatedArgument,
  toggle,
} from "../lib/cli/mod.ts";
import { ExitCode } from "../lib/errors.ts";
import { plainLine } from "../lib/terminal/mod.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
type Shell = (typeof SHELLS)[number];

/** `pyrpc completions`: prints the script with which a shell completes commands, flags and values. */
export const completionsCommand = defineCommand({
  summary: "Print the completion script of a shell (bash, zsh, fish, powershell)",
  description: `The script asks pyrpc for completions, so it stays valid after updates:
  bash        source <(pyrpc completions bash)                 in ~/.bashrc
  zsh         source <(pyrpc completions zsh)                  in ~/.zshrc, after compinit
  fish        pyrpc completions fish | source                  in ~/.config/fish/config.fish
  powershell  pyrpc completions powershell | Out-String | Invoke-Expression    in $PROFILE`,
  examples: [
    { command: "source <(pyrpc completions bash)", does: "complete in this shell" },
    {
      command: "pyrpc completions fish > ~/.config/fish/completions/pyrpc.fish",
      does: "permanently, in fish",
    },
  ],
  flags: {
    // The scripts give these flags.
    propose: toggle("Print the completions of the words after --", { hidden: true }),
    newWord: toggle("A new word begins after the last one", { hidden: true }),
  },
  args: [
    repeatedArgument("SHELL", "bash, zsh, fish or powershell", { completions: SHELLS }),
  ],
  async run({ console, complete }, { propose, newWord }, ...args) {
    const [name, ...words] = args;
    const shell = SHELLS.find((shell) => shell === name);
    if (shell === undefined || (!propose && words.length > 0)) throw malformedShell(args, SHELLS);
    if (!propose) {
      console.stdout.write(SCRIPTS[shell]);
      return ExitCode.Ok;
    }
    const inputs = newWord || words.length === 0 ? [...words, ""] : words;
    for (const completion of await complete(inputs)) {
      console.stdout.write(`${lineOf(shell, completion)}\n`);
    }
    return ExitCode.Ok;
  },
});

function lineOf(shell: Shell, { completion, brief }: Completion): string {
  switch (shell) {
    case "bash":
      return completion;
    case "zsh":
      return `${completion.replaceAll(":", "\\:")}:${plainLine(brief, 100)}`;
    case "fish":
    case "powershell":
      return `${completion}\t${plainLine(brief, 100)}`;
  }
}

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completions of pyrpc for bash: source <(pyrpc completions bash)
_pyrpc() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <("\${COMP_WORDS[0]}" completions bash --propose -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _pyrpc pyrpc pyrpc-toolkit
`,
  zsh: `#compdef pyrpc pyrpc-toolkit
# Completions of pyrpc for zsh: source <(pyrpc completions zsh)
_pyrpc() {
  local -a lines
  lines=("\${(@f)$("\${words[1]}" completions zsh --propose -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( \${#lines} > 0 )) && [[ -n "\${lines[1]}" ]]; then
    _describe pyrpc lines
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" = _pyrpc ]]; then
  _pyrpc "$@"
else
  compdef _pyrpc pyrpc pyrpc-toolkit
fi
`,
  fish: `# Completions of pyrpc for fish: pyrpc completions fish | source
function __pyrpc_propose
    set -l words (commandline -opc)
    set -l command $words[1]
    set -e words[1]
    set -l proposed ($command completions fish --propose -- $words (commandline -ct) 2>/dev/null)
    if set -q proposed[1]
        printf '%s\\n' $proposed
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c pyrpc -f -a '(__pyrpc_propose)'
complete -c pyrpc-toolkit -f -a '(__pyrpc_propose)'
`,
  powershell:
    `# Completions of pyrpc for PowerShell: pyrpc completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName @('pyrpc', 'pyrpc-toolkit') -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    $flags = @('--propose')
    # An empty word does not reach a program from every PowerShell.
    if ($wordToComplete -eq '') { $flags += '--new-word' }
    $tool = $commandAst.CommandElements[0].Extent.Text
    & $tool completions powershell @flags '--' @words 2>$null | ForEach-Object {
        $name, $brief = $_ -split "\`t", 2
        if (-not $brief) { $brief = $name }
        [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $brief)
    }
}
`,
};
