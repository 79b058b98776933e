# Completion of fastmigrate for bash, also the old one of macOS.
_fastmigrate() {
	local i word line typed words=()
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		# bash breaks words at = and :, which fastmigrate does not.
		if ((i > 1)) && [[ $word && ! ${word//[=:]/} ]]; then
			words[${#words[@]} - 1]+=$word
			typed=${words[${#words[@]} - 1]}
		elif ((i > 1)) && [[ ${COMP_WORDS[i - 1]} && ! ${COMP_WORDS[i - 1]//[=:]/} ]]; then
			typed=${words[${#words[@]} - 1]}
			words[${#words[@]} - 1]+=$word
		else
			typed=
			words+=("$word")
		fi
	done
	COMPREPLY=()
	while IFS= read -r line; do
		line=${line%%$'\t'*}
		printf -v line %q "${line#"$typed"}"
		COMPREPLY+=("$line")
	done < <("${COMP_WORDS[0]/#\~\//$HOME/}" __complete "${words[@]//[\"\'\\]/}" 2>/dev/null)
}
# Where it finds nothing, bash completes the names of files.
complete -o bashdefault -o default -F _fastmigrate fastmigrate
