#compdef fastmigrate
# Completion of fastmigrate for zsh.
_fastmigrate() {
	local line word
	local -a found
	for line in "${(@f)$("${words[1]/#\~\//$HOME/}" __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
		word=${line%%$'\t'*}
		[[ -z $word ]] || found+=("${word//:/\\:}${${line#$word}/$'\t'/:}")
	done
	if (($#found)); then
		_describe fastmigrate found
	else
		compset -P '--*='
		_files
	fi
}
if [[ $funcstack[1] == _fastmigrate ]]; then
	_fastmigrate "$@"
else
	compdef _fastmigrate fastmigrate
fi
