#!/usr/bin/env bash
# Runs the program as it is built for AVX-512 on a computer without it, in an emulated CPU (Bochs): the losses of short trainings
# and the texts of their models are those of this computer's build, and how many instructions a step takes. By hand; ten minutes.
# Usage: scripts/check-avx512.sh
#
# The emulated computer boots Linux from a CD with nothing but Busybox and the program, does the work below, writes to its serial
# port and turns itself off. Its clock counts instructions.
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { echo "check-avx512.sh: $*" >&2; exit 1; }

packages=(bochs bochsbios busybox-static cpio isolinux syslinux-common xorriso)
if ! dpkg -s "${packages[@]}" > /dev/null 2>&1; then
    { [ "$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq "${packages[@]}" > /dev/null; } ||
        fail "needs the Debian packages ${packages[*]}"
fi
work=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$work"' EXIT

swift build -c release
TINYGPT_CPU=x86-64-v4 swift build -c release --static-swift-stdlib --product tinygpt --scratch-path .build-x86-64-v4
program=.build-x86-64-v4/release/tinygpt

# Both architectures and optimizers, tables, tails shorter than a register, the three formats of weights.
cat > "$work/job" << 'END'
head -c 2000 /text > text
settings="--layers 2 --heads 2 --width 48 --context 24 --batch 5 --val-fraction 0.2 --steps 6 --eval-every 3 --quiet"
for kind in "classic --preset cpu" "modern --preset fast --tables trigram"; do
    run=${kind%% *}
    $tinygpt train text $settings ${kind#* } --run $run > /dev/null 2>&1
    cut -d, -f1-3,5 $run/metrics.csv
    for weights in f32 bf16 q8; do $tinygpt sample $run --length 60 --seed 3 --weights $weights --quiet 2> /dev/null | tr '\n' '/'; echo; done
done
END
mkdir -p "$work"/{system/{bin,proc,sys,dev,tmp},disc/isolinux,kernel,here}
cat > "$work/system/init" << 'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin tinygpt=tinygpt
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
cd /tmp
exec > /dev/ttyS0 2>&1 < /dev/null
echo "== work"
. /job
echo "== speed"
dmesg | sed -n 's/.*tsc: Detected \([0-9]*\).*/\1/p' | head -1
tinygpt bench step --threads 1 --steps 4 --json | sed 's/.*"median_ms":\([0-9.]*\).*/\1/'
echo "== end"
sleep 2
poweroff -f
END
chmod +x "$work/system/init"
cp "$work/job" "$work/system/"
cp data/shakespeare.txt "$work/system/text"
cp "$(command -v busybox)" "$work/system/bin/"
strip -o "$work/system/bin/tinygpt" "$program"
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do install -D "$library" "$work/system$library"; done
(cd "$work/system" && find . | cpio -o -H newc 2> /dev/null | gzip -1 > ../disc/initrd)
(cd "$work/kernel" && apt-get download -qq -o APT::Sandbox::User=root "$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p')" && dpkg -x ./*.deb .)
cp "$work"/kernel/boot/vmlinuz-* "$work/disc/vmlinuz"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$work/disc/isolinux/"
# Without XSAVEC and XSAVES (bits 321 and 323): for these Bochs 2.7 states sizes with which Linux does without AVX.
cat > "$work/disc/isolinux/isolinux.cfg" << 'END'
DEFAULT linux
LABEL linux
KERNEL /vmlinuz
APPEND initrd=/initrd console=ttyS0 quiet mitigations=off tsc=reliable clocksource=tsc lpj=4000000 clearcpuid=321,323
END
xorriso -as mkisofs -quiet -o "$work/disc.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 \
    -boot-info-table "$work/disc" 2> /dev/null
cat > "$work/settings" << END
megs: 2048
cpu: model=corei7_skylake_x, count=1, ips=100000000
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path=$work/disc.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/serial
clock: sync=none, time0=1700000000
log: $work/log
display_library: rfb, options="timeout=0"
END
echo c > "$work/commands"
echo "booting the emulated computer (two minutes), then its work (five)" >&2
touch "$work/serial"
tail -f "$work/serial" | grep --line-buffered '^==' >&2 &
bochs -q -f "$work/settings" -rc "$work/commands" > "$work/out" 2>&1 < /dev/null || true
sed -i 's/\r$//' "$work/serial"
grep -q '^== end' "$work/serial" || fail "the emulated computer stopped early: $(tail -n 5 "$work/serial" "$work/out")"
sed -n '/^== work/,/^== speed/p' "$work/serial" | grep -v '^==' > "$work/emulated"

(cd "$work/here" && sed "s#/text#$OLDPWD/data/shakespeare.txt#" ../job > job && tinygpt=$OLDPWD/.build/release/tinygpt sh job > ../native)
# Numbers agree to 1e-5 of themselves; everything else, to the character.
paste -d '\n' "$work/native" "$work/emulated" | awk -F, '
    NR % 2 { line = $0; fields = split($0, expected, ","); next }
    {
        wrong = NF != fields
        for (i = 1; i <= NF; i++)
            if ($i != expected[i] && ($i !~ /^[0-9.e-]+$/ || ($i - expected[i]) ^ 2 > (1e-5 * expected[i]) ^ 2)) wrong = 1
        if (wrong) { print "expected " line "\ngot      " $0; exit 1 }
    }
    END { if (NR != 52 && !wrong) { print NR / 2 " lines, expected 26"; exit 1 } }' || fail "the AVX-512 build computes something else"
echo "AVX-512, emulated: the losses, gradients and texts of two trainings and six samples are those of this computer's build"
sed -n '/^== speed/,/^== end/p' "$work/serial" | grep -v '^==' | paste -sd ' ' | awk '{ printf "a step of cpu on one thread: %.1f million instructions\n", $1 * $2 / 1000 }'
