# Completion of fastmigrate for fish.
function __fastmigrate_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l found ($words[1] __complete $words[2..-1] "$word" 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
        return
    end
    set -l flag (string match -r -- '^--[^=]*=' "$word")
    for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$word"))
        echo "$flag$path"
    end
end
complete -c fastmigrate -f -a '(__fastmigrate_complete)'
