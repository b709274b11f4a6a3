# For scripts that pack programs, to be sourced: several static programs in one file that starts with start.c.

# Where each program and the data that they share lie, 128 MB apart.
base() { case $1 in x86-64-v2) echo 0x08000000 ;; x86-64-v3) echo 0x10000000 ;; x86-64-v4) echo 0x18000000 ;; shared) echo 0x20000000 ;; esac; }

# join OUTPUT FOLDER SHARED LEVEL=PROGRAM...: the programs, linked to their base, as they are in memory, and SHARED, a file of
# bytes at its base or nothing. FOLDER is for what is made on the way.
join() {
    local output=$1 folder=$2 shared=$3 pair level program count=0 index entry headers table=
    shift 3
    local headings="start PT_LOAD FILEHDR PHDRS FLAGS(5);" sections=
    : > "$folder/parts.s"
    add() { # ADDRESS FLAGS: a part of memory; parts.s gets what is in it.
        headings+=" part$count PT_LOAD FLAGS($2);"
        sections+=" .part$count $1 : { *(.part$count) } :part$count"
        echo ".section .part$count, \"a$([ "$2" = 5 ] && echo x; [ "$2" = 6 ] && echo w)\"" >> "$folder/parts.s"
        count=$((count + 1))
    }
    for pair in "$@"; do
        level=${pair%%=*} program=${pair#*=}
        index=0
        while read -r _ offset address _ size memory flags; do
            case $flags in *W*) add "$address" 6 ;; *E*) add "$address" 5 ;; *) add "$address" 4 ;; esac
            # The zeros behind the data, too: not every kernel can have them in the middle of a file.
            echo ".incbin \"$program\", $offset, $size; .zero $memory - $size" >> "$folder/parts.s"
            index=$((index + 1))
        done < <(readelf -lW "$program" | awk '$1 == "LOAD" { flags = ""; for (i = 7; i < NF; i++) flags = flags $i; print $1, $2, $3, $4, $5, $6, flags }')
        [ $index -gt 0 ] || { echo "join.sh: $program is no program" >&2; return 1; }
        entry=$(readelf -hW "$program" | sed -n 's/.*Entry point address: *//p')
        headers=$(readelf -hW "$program" | sed -n 's/.*Number of program headers: *//p')
        table+="{\"$level\", $entry, $(base "$level") + 64, $headers},"
    done
    if [ -n "$shared" ]; then
        add "$(base shared)" 4
        echo ".incbin \"$shared\"" >> "$folder/parts.s"
    fi
    cat > "$folder/layout.ld" <<LD
PHDRS { $headings stack PT_GNU_STACK FLAGS(6); }
ENTRY(_start)
SECTIONS {
    .start 0x401000 : { *(.text .text.* .rodata .rodata.*) } :start
    $sections
    /DISCARD/ : { *(.comment .note* .eh_frame) }
}
LD
    clang -O2 -Wall -Wextra -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables -fno-pic -nostdlib -static \
        -D"PROGRAMS=$table" scripts/package/start.c "$folder/parts.s" -fuse-ld=lld -Wl,-T,"$folder/layout.ld" -Wl,--build-id=none \
        -Wl,-s -o "$output"
}
