#compdef weir
# The completions of bash, which zsh can use: they are made from the program's own help.
autoload -U +X bashcompinit && bashcompinit
source /usr/share/bash-completion/completions/weir
