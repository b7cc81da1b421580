/**
 * Completion scripts: they ask `fairlead __complete -- WORDS...` and show what it says.
 * What must stay true: what the user typed is passed on as words and never evaluated.
 * The protocol: the first line is 'words' or 'files'; after 'words' a candidate a line, a tab, what it means.
 */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

const BASH = String.raw`# bash completion for fairlead: source <(fairlead completion bash)
_fairlead() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" line kind=''
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $kind ]]; then
      kind=$line
    else
      COMPREPLY+=("\${line%%$'\t'*}")
    fi
  done < <("$1" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ $kind == files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
  fi
}
complete -F _fairlead fairlead
`.replaceAll('\\$', '$')

const ZSH = String.raw`#compdef fairlead
# zsh completion for fairlead: source <(fairlead completion zsh)
_fairlead() {
  local line kind='' tab=$'\t'
  local -a candidates
  while IFS= read -r line; do
    if [[ -z $kind ]]; then
      kind=$line
    else
      candidates+=("\${\${line%%$tab*}//:/\\:}:\${line#*$tab}")
    fi
  done < <("\${words[1]}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if [[ $kind == files ]]; then
    _files
  else
    _describe -V fairlead candidates
  fi
}
if [[ "\${funcstack[1]}" == _fairlead ]]; then
  _fairlead "$@"
else
  compdef _fairlead fairlead
fi
`.replaceAll('\\$', '$')

const FISH = String.raw`# fish completion for fairlead: fairlead completion fish | source
function __fairlead_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$lines[1]" = files
        __fish_complete_path "$current"
    else
        printf '%s\n' $lines[2..-1]
    end
end
complete -c fairlead -f -a '(__fairlead_complete)'
`

export const SHELL_SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH }
