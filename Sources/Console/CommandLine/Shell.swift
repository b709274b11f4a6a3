/// A shell that completes command lines.
enum Shell: String, CaseIterable, Sendable {
    case bash, zsh, fish

    /// The script that makes it complete the command lines of a program by asking the program, by the name that was typed.
    func script(for program: String) -> String {
        // By its first line zsh's compinit finds what a file completes.
        (self == .zsh ? "#compdef \(program)\n" : "")
            + "# Completion of \(program) in \(self), made by '\(program) --generate-completion-script \(self)'.\n"
            + template.replacing("PROGRAM", with: program)
            .replacing("COMPLETE", with: ProgramOptions.complete)
    }

    private var template: String {
        switch self {
        case .bash: Self.bashTemplate
        case .zsh: Self.zshTemplate
        case .fish: Self.fishTemplate
        }
    }

    /// Bash takes `--option=value` apart at the equals sign, so the words are put together again; `$2` is what stands after it.
    private static let bashTemplate = """
        _PROGRAM() {
            local words=() word last kind
            for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
                last=$((${#words[@]} - 1))
                if ((last >= 0)) && [[ ${words[last]} == --* && ($word == = || ${words[last]} == *=) ]]; then
                    words[last]+=$word
                else
                    words+=("$word")
                fi
            done
            local typed=${2#[\\"\\']}
            typed=${typed//\\\\/}
            COMPREPLY=()
            {
                read -r kind
                while IFS=$'\\t' read -r word _; do
                    if [[ $word == "$typed"* ]]; then COMPREPLY+=("$word"); fi
                done
            } < <("${1/#\\~\\//$HOME/}" COMPLETE "${words[@]}" 2> /dev/null)
            compopt -o nosort 2> /dev/null
            case $kind in
            files) ;;
            folders) compopt +o default -o filenames -o plusdirs ;;
            *) compopt +o default ;;
            esac
        }
        complete -o default -F _PROGRAM PROGRAM

        """

    private static let zshTemplate = """
        _PROGRAM() {
            local -a lines candidates
            local line kind result=1
            lines=("${(@f)$(${~words[1]} COMPLETE "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2> /dev/null)}")
            kind=$lines[1]
            for line in "${(@)lines[2,-1]}"; do
                candidates+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}")
            done
            compset -P '--*='
            if (($#candidates)); then _describe -V -t values 'PROGRAM' candidates && result=0; fi
            case $kind in
            files) _files && result=0 ;;
            folders) _path_files -/ && result=0 ;;
            esac
            return result
        }
        if [[ $funcstack[1] == _PROGRAM ]]; then _PROGRAM "$@"; else compdef _PROGRAM PROGRAM; fi

        """

    private static let fishTemplate = """
        function __PROGRAM_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            set -l prefix (string match -r -- '^--[^=]*=' $current)
            set -l program (string replace -r -- '^~/' $HOME/ $words[1])
            set -l lines ($program COMPLETE $words[2..] "$current" 2> /dev/null)
            for line in $lines[2..]
                echo -- "$prefix$line"
            end
            set -l path (string replace -- "$prefix" '' "$current")
            switch "$lines[1]"
                case files
                    __fish_complete_path "$path" | string replace -r '^' -- "$prefix"
                case folders
                    __fish_complete_directories "$path" '' | string replace -r '^' -- "$prefix"
            end
        end
        complete -c PROGRAM -f -k -a '(__PROGRAM_complete)'

        """
}
