# For scripts that install or pack the program, to be sourced: the files, and how they are made of a built program.
files=(
    bin/tinygpt share/man/man1/tinygpt.1 share/bash-completion/completions/tinygpt
    share/zsh/site-functions/_tinygpt share/fish/vendor_completions.d/tinygpt.fish
)

# make_files PROGRAM FOLDER: all files below a folder.
make_files() {
    local program=$1 folder=$2 file
    for file in "${files[@]}"; do mkdir -p "$(dirname "$folder/$file")"; done
    cp "$program" "$folder/bin/tinygpt"
    chmod 755 "$folder/bin/tinygpt"
    "$program" --generate-manual > "$folder/share/man/man1/tinygpt.1"
    "$program" --generate-completion-script bash > "$folder/share/bash-completion/completions/tinygpt"
    "$program" --generate-completion-script zsh > "$folder/share/zsh/site-functions/_tinygpt"
    "$program" --generate-completion-script fish > "$folder/share/fish/vendor_completions.d/tinygpt.fish"
}
