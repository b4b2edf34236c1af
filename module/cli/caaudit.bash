# SPDX-License-Identifier: GPL-2.0-or-later
#
# bash completion for caaudit

_caaudit() {
	local cur=${COMP_WORDS[COMP_CWORD]}
	local prev=${COMP_WORDS[COMP_CWORD-1]}
	local command=${COMP_WORDS[1]}
	local IFS=$' \t\n'
	COMPREPLY=()

	# Where "=" is a word break, "--format=j" comes as three words.
	if [[ $cur == '=' ]]; then
		cur=
	elif [[ $prev == '=' && COMP_CWORD -ge 2 ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi

	if ((COMP_CWORD == 1)); then
		COMPREPLY=($(compgen -W 'check probe findings explain cas stats --help --version' -- "$cur"))
		return
	fi

	case $prev in
	--format)
		local formats='text json'
		[[ $command != check ]] || formats+=' short prometheus'
		COMPREPLY=($(compgen -W "$formats" -- "$cur"))
		return
		;;
	--fix)
		COMPREPLY=($(compgen -W 'zonefile knotc nsupdate' -- "$cur"))
		return
		;;
	--wildcard)
		COMPREPLY=($(compgen -W 'auto on off' -- "$cur"))
		return
		;;
	--fail-on)
		COMPREPLY=($(compgen -W 'error warning notice' -- "$cur"))
		return
		;;
	--config | --control | --validation-file | --trust-anchor | --zone | --root-hints)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--ca | --host | --validation | --account-uri | --validation-method | --now | --live | \
	--ds | --rrsig-warning | \
	--axfr | --server | --parent | --resolver | --rate | --tsig | --origin | -o | --jobs | -j)
		return
		;;
	esac

	case $command in
	check)
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-o --origin --ca --host --wildcard --no-wildcard --override-denial --strict
				--validation --validation-file --account-uri --validation-method
				--ds --trust-anchor --rrsig-warning --now --live --control --transaction --axfr --server --tsig --config --survey --format
				--fix --fail-on --force -j --jobs -q --quiet -v --verbose -h --help
				-V --version' -- "$cur"))
		else
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi
		;;
	probe)
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '--ca --host --wildcard --no-wildcard --strict --validation
				--validation-file --account-uri --validation-method --ds --trust-anchor
				--rrsig-warning --now --live --control --axfr --server --root-hints --parent --resolver --zone --rate
				--merge --tsig --config --format --fail-on -q --quiet -v --verbose -h --help
				-V --version' -- "$cur"))
		elif [[ " ${COMP_WORDS[*]} " == *' --merge '* ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi
		;;
	findings | explain | cas)
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '--format -h --help -V --version' -- "$cur"))
		elif [[ $command == explain ]]; then
			COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" findings 2>/dev/null |
				while read -r id _; do printf '%s ' "$id"; done)" -- "$cur"))
		elif [[ $command == cas ]]; then
			COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" cas 2>/dev/null |
				while read -r name _ && [[ -n $name ]]; do printf '%s ' "$name"; done)" -- "$cur"))
		fi
		;;
	stats)
		COMPREPLY=($(compgen -W '--control -h --help -V --version' -- "$cur"))
		;;
	esac
} && complete -F _caaudit caaudit
