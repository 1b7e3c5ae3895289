# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Completion of loaxa(1) for bash: commands, options, stations and items. The
# program itself says what may follow; where it says nothing, files.
_loaxa() {
	mapfile -t COMPREPLY < <("$1" complete \
	    "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _loaxa loaxa
