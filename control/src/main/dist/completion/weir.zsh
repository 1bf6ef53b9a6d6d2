#compdef weir
# The completions of bash, which zsh can use: they are made from the program's own help.
autoload -U +X bashcompinit && bashcompinit
# A word of bash's own, of which zsh needs to know nothing; an alias is not followed while completing.
(( $+functions[compopt] )) || function compopt() { : }
source /usr/share/bash-completion/completions/weir
# From the next time on zsh calls what that has registered; this time nobody has asked it yet.
_bash_complete -o default -F _complete_weir
