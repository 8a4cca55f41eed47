import { type Application, proposeCompletions, type StricliProcess } from "@stricli/core";
import { ExitCode, usageError } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainLine } from "../lib/terminal/mod.ts";
import { type CliContext, defineCommand } from "../lib/cli/mod.ts";
import { proposing } from "../lib/cli/mod.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
type Shell = (typeof SHELLS)[number];

interface CompletionsFlags {
  readonly propose: boolean;
  readonly newWord: boolean;
}

/** The application whose commands are completed: this one is part of it, so it is asked for late. */
export type ApplicationOf = (console: Console) => Promise<Application<CliContext>>;

/** `pyrpc completions`: the script that makes a shell complete commands, flags and values. */
export const completionsCommand = (application: ApplicationOf) =>
  defineCommand<CompletionsFlags, string[]>({
    summary: "Print the completion script of a shell (bash, zsh, fish, powershell)",
    description: `The script asks pyrpc itself, so that it never has to be made again:
  bash        source <(pyrpc completions bash)                 in ~/.bashrc
  zsh         source <(pyrpc completions zsh)                  in ~/.zshrc, after compinit
  fish        pyrpc completions fish | source                  in ~/.config/fish/config.fish
  powershell  pyrpc completions powershell | Out-String | Invoke-Expression    in $PROFILE`,
    examples: [
      { command: "source <(pyrpc completions bash)", does: "complete in this shell" },
      {
        command: "pyrpc completions fish > ~/.config/fish/completions/pyrpc.fish",
        does: "for good, in fish",
      },
    ],
    parameters: {
      flags: {
        // What the scripts call; nothing for people.
        propose: {
          kind: "boolean",
          brief: "Print the completions of the words behind --",
          default: false,
          withNegated: false,
          hidden: true,
        },
        newWord: {
          kind: "boolean",
          brief: "A new word begins behind the last one",
          default: false,
          withNegated: false,
          hidden: true,
        },
      },
      positional: {
        kind: "array",
        parameter: {
          brief: "bash, zsh, fish or powershell",
          placeholder: "SHELL",
          parse: String,
          proposeCompletions: proposing(SHELLS),
        },
      },
    },
    async run(console, flags, ...args) {
      const [name, ...words] = args;
      const shell = SHELLS.find((shell) => shell === name);
      if (shell === undefined || (!flags.propose && words.length > 0)) {
        throw usageError(
          name === undefined ? "No shell given" : `No completions for "${args.join(" ")}"`,
          `Give one of ${SHELLS.join(", ")}`,
        );
      }
      if (!flags.propose) {
        console.stdout.write(SCRIPTS[shell]);
        return ExitCode.Ok;
      }
      const inputs = flags.newWord || words.length === 0 ? [...words, ""] : words;
      for (const proposal of await propose(this, application, inputs)) {
        console.stdout.write(`${lineOf(shell, proposal)}\n`);
      }
      return ExitCode.Ok;
    },
  });

// The parser proposes what its help hides.
const OWN_FLAGS = ["--propose", "--new-word"];

interface Proposal {
  readonly completion: string;
  readonly brief: string;
}

// The application knows its commands, flags and values; the last word is what is being typed.
async function propose(
  context: CliContext,
  build: ApplicationOf,
  words: readonly string[],
): Promise<Proposal[]> {
  const silent = { write: () => {} };
  const process: StricliProcess = { stdout: silent, stderr: silent, env: {} };
  const partial = words.at(-1) ?? "";
  // "--format=js" is one word to shells, and two to the parser.
  const glued = /^(--[\w-]+)=(.*)$/s.exec(partial);
  const inputs = glued === null ? words : [...words.slice(0, -1), glued[1] ?? "", glued[2] ?? ""];
  const found = await proposeCompletions(await build(context.console), inputs, {
    ...context,
    process,
  });
  return found
    .map(({ completion, brief }) => ({
      completion: glued === null ? completion : `${glued[1]}=${completion}`,
      brief,
    }))
    .filter(({ completion }) => completion.startsWith(partial) && !OWN_FLAGS.includes(completion));
}

function lineOf(shell: Shell, { completion, brief }: Proposal): string {
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
