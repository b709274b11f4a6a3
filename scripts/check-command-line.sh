#!/usr/bin/env bash
# Runs the program the way a user does: trains a small model for real, stops and resumes it, samples, looks at attention,
# and makes the mistakes that users make. Needs nothing but the release build.
set -euo pipefail
cd "$(dirname "$0")/.."

tinygpt=$PWD/.build/release/tinygpt
text=$PWD/data/shakespeare.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
checks=0

fail() { echo "FAILED: $*" >&2; exit 1; }
check() { checks=$((checks + 1)); "$@" || fail "$*"; }

# refused CODE PATTERN ARGUMENTS...: the program must end with CODE, say PATTERN on standard error in at most three lines, and
# print nothing on standard output.
refused() {
    local code=$1 pattern=$2 got=0
    shift 2
    "$tinygpt" "$@" > out 2> err < /dev/null || got=$?
    [ "$got" = "$code" ] || fail "tinygpt $*: exit code $got, expected $code: $(cat err)"
    grep -q -- "$pattern" err || fail "tinygpt $*: expected '$pattern' in: $(cat err)"
    [ "$(wc -l < err)" -le 3 ] || fail "tinygpt $*: more than three lines: $(cat err)"
    [ ! -s out ] || fail "tinygpt $*: wrote to standard output: $(head -3 out)"
    checks=$((checks + 1))
}

# The bytes of all tensors of a checkpoint: weights and moments, without the header, in which the time differs.
tensors() { tail -c +$((9 + $(od -An -tu8 -N8 "$1"))) "$1" | cksum; }
# Two files that are both missing or empty have the same bytes, and must not be the same.
same() { [ -s "$1" ] && [ -s "$2" ] && [ "$(tensors "$1")" = "$(tensors "$2")" ]; }
# loss_of RUN TEXT: what eval says of a model, without what it is compared with, which an imported one has no text for.
loss_of() { "$tinygpt" eval "$@" --json | sed 's/,"yardsticks":.*/}/'; }
# number KEY FILE: the last value of a key in lines of JSON; without one, a word that equals nothing and is below nothing.
number() {
    local value
    value=$(sed -n "s/.*\"$1\":\([-0-9.e]*\).*/\1/p" "$2" | tail -1)
    echo "${value:-no $1 in $2}"
}
# below A B: whether two numbers are in this order; nothing else is a number.
below() { awk -v a="$1" -v b="$2" 'BEGIN { n = "^-?[0-9.]+(e[-+]?[0-9]+)?$"; exit !(a ~ n && b ~ n && a + 0 < b + 0) }'; }

small=(--layers 2 --heads 2 --width 32 --context 32 --batch 8 --steps 120 --eval-every 60 --warmup 10 --dropout 0.1)

echo "training"
"$tinygpt" train "$text" "${small[@]}" --run whole --threads 2 --json > whole.json 2> whole.log
check test "$(grep -c '"event":"step"' whole.json)" = 120
check test "$(grep -c '"event":"eval"' whole.json)" = 3
check test "$(grep -c '"event":"done"' whole.json)" = 1
check test "$(grep -c ',train,' whole/metrics.csv)" = 120
check below "$(number val_loss whole.json)" 3.2
check grep -q "tinygpt sample whole" whole.log
"$tinygpt" eval whole --json > eval.json
check test "$(number loss eval.json)" = "$(number val_loss whole.json)"

if [ "$(uname)" = Linux ]; then
    # The last state of the progress line, as a terminal gets it, carries the last validation loss.
    TERM=xterm script -qec "'$tinygpt' train '$text' ${small[*]} --plain --run terminal" /dev/null > terminal.log < /dev/null
    shown=$(tr '\r' '\n' < terminal.log | sed -n 's/^step 120\/120 .* val \([0-9.]*\) .*/\1/p' | tail -1)
    check test "$shown" = "$(printf %.3f "$(sed -n 's/^120,val,\([0-9.]*\),.*/\1/p' terminal/metrics.csv)")"
fi

echo "the same bits at any number of threads, with more validation, stopped and resumed"
for threads in 1 3; do
    "$tinygpt" train "$text" "${small[@]}" --run "threads$threads" --threads "$threads" --quiet
    check same whole/checkpoint-last.safetensors "threads$threads/checkpoint-last.safetensors"
done
"$tinygpt" train "$text" "${small[@]}" --eval-every 7 --run often --quiet 2> err && fail "an option given twice was taken"
"$tinygpt" train "$text" "${small[@]/60/7}" --run often --quiet
check same whole/checkpoint-last.safetensors often/checkpoint-last.safetensors

# wait_for N FILE: until so many steps are in the table; fails after a minute without them.
wait_for() {
    local deadline=$((SECONDS + 60))
    until [ "$(grep -c ',train,' "$2" 2> /dev/null || true)" -ge "$1" ] 2> /dev/null; do
        [ $SECONDS -lt $deadline ] || fail "$2 has not got $1 steps in a minute"
        sleep 0.01
    done
}
# ended PROCESS: waits for its end and gives its exit code; fails after a minute without an end.
ended() {
    local deadline=$((SECONDS + 60)) code=0
    while kill -0 "$1" 2> /dev/null; do
        [ $SECONDS -lt $deadline ] || { kill -KILL "$1"; fail "process $1 does not end"; }
        sleep 0.01
    done
    wait "$1" 2> /dev/null || code=$?
    return $code
}
long=("${small[@]/120/1500}")
"$tinygpt" train "$text" "${long[@]}" --run alone --quiet
for signal in TERM KILL; do
    "$tinygpt" train "$text" "${long[@]}" --run $signal > /dev/null 2> $signal.log &
    process=$!
    wait_for 70 $signal/metrics.csv
    kill -$signal $process
    code=0; ended $process || code=$?
    check test $code = $([ $signal = TERM ] && echo 143 || echo 137)
    check test "$(grep -c ',train,' $signal/metrics.csv)" -lt 1500
    "$tinygpt" train --resume $signal --quiet
    check same alone/checkpoint-last.safetensors $signal/checkpoint-last.safetensors
    check test "$(grep -c ',train,' $signal/metrics.csv)" = 1500
    check test "$(cut -d, -f1,2 $signal/metrics.csv | sort | uniq -d | wc -l)" = 0
done
check grep -q "tinygpt train --resume TERM" TERM.log
"$tinygpt" train --resume TERM --steps 1510 2> resume.log > /dev/null
check grep -q "steps was 1500, now 1510" resume.log
before=$(cat TERM/* | cksum)
"$tinygpt" train --resume TERM --json 2> resume.log > done.json
check grep -q "TERM has already completed all 1510 steps" resume.log
check test "$(grep -c '"event":"done"' done.json)" = 1
check test "$before" = "$(cat TERM/* | cksum)"
rm TERM/config.json
"$tinygpt" train --resume TERM --steps 1512 --quiet
check grep -q '"commandLines"' TERM/config.json
{ "$tinygpt" train "$text" "${long[@]}" --run unread --json 2> unread.log || true; } | head -1 > /dev/null
check grep -q "stopped and saved" unread.log
check grep -q "standard output" unread.log
check test "$(grep -c ',train,' unread/metrics.csv)" -lt 1500

echo "sampling and attention"
"$tinygpt" sample whole --prompt "Shall I" --length 300 > sample.txt
check test "$(wc -m < sample.txt)" = 307
check test "$(head -c 7 sample.txt)" = "Shall I"
"$tinygpt" sample whole --prompt "Shall I" --length 300 > again.txt
check cmp -s sample.txt again.txt
"$tinygpt" sample whole --temperature 0 --length 50 --seed 1 > a; "$tinygpt" sample whole --temperature 0 --length 50 --seed 2 > b
check cmp -s a b
printf 'Shall I' | "$tinygpt" sample whole --prompt-file - --length 300 | cmp -s - sample.txt || fail "a prompt from a pipe"
{ "$tinygpt" sample whole --length 100000 2> err || true; } | head -c 10 > /dev/null
check test ! -s err
check test "$("$tinygpt" sample whole --stop e --length 5000 | tail -c 1)" = e
for weights in bf16 q8; do
    "$tinygpt" sample whole --prompt "Shall I" --length 300 --weights "$weights" > a
    check test "$(wc -m < a)" = 307
    "$tinygpt" sample whole --prompt "Shall I" --length 40 --weights "$weights" --explain > b
    check test "$(wc -l < b)" = 41
done
refused 64 "f32, bf16 or q8" sample whole --weights q4
refused 64 "--stop contains €" sample whole --stop "the €"
"$tinygpt" attention whole --prompt "To be" > map.txt
check test "$(grep -c '^layer . head . *[0-9]*%' map.txt)" = 4
check below "$(awk '{ if (length > n) n = length } END { print n }' map.txt)" 81
"$tinygpt" attention whole --prompt "To be" --layer 1 --head 0 > map.txt
for choice in "" "--layer 1" "--layer 1 --head 0"; do
    LC_ALL=C "$tinygpt" attention whole --prompt "$(head -c 32 "$text")" $choice > map.txt
    check below "$(awk '{ if (length > n) n = length } END { print n }' map.txt)" 81
done
"$tinygpt" attention whole --html own.html -q
check grep -q '"weights":"' own.html
"$tinygpt" attention whole --html own.html --precision f16 --compare whole -q
check grep -q '"compare":{' own.html
"$tinygpt" attention whole --prompt "To be" --svg s -q
check grep -q '</svg>' s
"$tinygpt" attention whole --prompt "To be" --json - > map.json
check grep -q '"characters":\["T","o"," ","b","e"\]' map.json
"$tinygpt" attention whole --prompt "To be" --layer 1 --json - | grep -q '"layer":1' || fail "JSON does not say which layer it holds"
"$tinygpt" attention whole --prompt "To be" --html a.html --svg a.svg --npy a.npy --safetensors a.safetensors --json a.json 2> err > out
check test ! -s out
check test "$(grep -c '^wrote' err)" = 5
check cmp -s a.json map.json
check grep -q '</html>' a.html
check test "$(wc -c < a.npy)" = $((128 + 4 * 2 * 2 * 5 * 5))
"$tinygpt" attention whole --prompt "To be" --svg b.svg -q
check cmp -s a.svg b.svg
"$tinygpt" attention whole --prompt "$(head -c 100 "$text")" > map.txt 2> err
check grep -q "looking at the last 32" err
"$tinygpt" sample whole --prompt "Shall I" --length 40 --explain > explained.txt
check test "$(grep -c ' bits ' explained.txt)" = 40
"$tinygpt" sample whole --prompt "Shall I" --length 40 --html replay.html > a 2> err
check grep -q "wrote replay.html" err
"$tinygpt" sample whole --prompt "Shall I" --length 40 > b
check cmp -s a b
echo "lines that are texts of their own"
tr -cs "a-z" "\n" < "$text" | awk 'length > 2 && length < 16' | sort -u > words
"$tinygpt" train words --lines --context 16 --layers 1 --heads 2 --width 32 --steps 200 --eval-every 100 --run words-run 2> err
check grep -q "tinygpt sample words-run --lines --count 20$" err
# The sample at the end: 400 characters of words like those of the text. Without beginning anew they became single letters.
sed -n '/^a sample/,/^next:/p' err | sed '1,2d;$d' > ended
check below 3.5 "$(awk 'NF { n += length; words += 1 } END { print n / words }' ended)"
"$tinygpt" sample words-run --lines --count 20 > out
check test "$(wc -l < out)" = 20
check test "$("$tinygpt" sample words-run --lines --count 20 --json | grep -c '"is_in_training_text":')" = 20
# A line is all of a text, with or without a beginning, and the line break that ends it is not printed.
"$tinygpt" sample words-run --length 500 > a; "$tinygpt" sample words-run --length 500 --prompt th > b
"$tinygpt" sample words-run --length 500 --prompt "$(printf 'a\nth')" > c
for file in a b c; do check test "$(wc -w < $file)" = $([ $file = c ] && echo 2 || echo 1); done
check test "$(wc -l < a)" = 0
check test "$(tail -n 1 c)" = "$(cat b)"
check test "$("$tinygpt" sample words-run --count 8 --stop e | grep -c 'e.')" = 0
check test "$("$tinygpt" sample words-run --count 3 | grep -cx -e ---)" = 2
"$tinygpt" sample words-run --length 500 --explain > explained.txt
check grep -q '^    ⏎ ' <(tail -n 1 explained.txt)
check test "$(wc -l < explained.txt)" -gt 2
printf 'th\n\n' | "$tinygpt" sample words-run --length 500 --interactive > out
check test "$(grep -c . out)" = 2
check test "$(head -n 1 out | wc -m)" -gt 3
"$tinygpt" attention words-run --html own.html -q
check grep -q '"weights":"' own.html
# A text that cannot be read again is no reason not to write.
"$tinygpt" train - --lines --context 16 --layers 1 --heads 2 --width 16 --steps 2 --run piped-words < words 2> err
$(grep -o 'tinygpt sample .*' err | sed "s|^tinygpt|$tinygpt|") > out 2> err
check test "$(wc -l < out)" = 20
check grep -q "not marked" err
"$tinygpt" eval words-run --json > words.json
check below "$(number loss words.json)" 3
refused 64 "trained with --lines" sample whole --lines
refused 64 "has no effect without --repetition-penalty" sample whole --repetition-window 8
check cmp <("$tinygpt" sample whole --length 99 --min-p 0) <("$tinygpt" sample whole --length 99)
refused 65 "a line of the text, '[a-z]*', has 14 characters, .* needs a context of at least 15, got 8$" train words --lines --context 8 --run short-context
mkdir notes; printf 'abc\n' > notes/a.txt; printf 'bcd\n' > notes/b.md
"$tinygpt" train notes notes/b.md --lines --layers 1 --heads 1 --width 8 --context 8 --val-fraction 0 --steps 1 --run notes-run 2> err
check grep -q "^reading    2 files; 1 named more than once, read once$" err
check grep -q "^ *9 characters, 5 distinct" err
# The last line of a file ends there, and a carriage return that ends one is no part of it.
printf 'abcd' > first-lines; printf 'efgh\r\nijkl\r\nmnop\r\n' > second-lines
lined=(--lines --context 5 --layers 1 --heads 1 --width 8 --batch 2 --warmup 0)
"$tinygpt" train first-lines second-lines "${lined[@]}" --steps 2 --run lines-run --quiet
check test "$("$tinygpt" sample lines-run --lines --count 20 --json | grep -c '\\r')" = 0
"$tinygpt" train --resume lines-run --steps 4 --quiet
check grep -q '"lines":true' <(tr -d ' \n' < lines-run/config.json)
# Each of three lines is in 20 batches of 2.
"$tinygpt" train first-lines second-lines "${lined[@]}" --steps 30 --plan --json > plan.json
check test "$(number times_seen plan.json)" = 20
rm first-lines
"$tinygpt" train "$text" "${lined[@]:1}" --tables trigram --steps 100000 --plan > plan.txt
check grep -q "^advice .* learn by heart what is seen [0-9]* times: --preset best or fewer --steps$" plan.txt
"$tinygpt" sample lines-run --lines > out 2> err
check grep -q "not marked: there is no file" err

echo "steps that are chosen by a time, and once more where that passes faster than was thought"
timed=(--lines --layers 1 --heads 1 --width 16 --context 16 --batch 2 --warmup 0 --eval-every 1000 --cooldown 0.02)
"$tinygpt" train words "${timed[@]}" --minutes 0.1 --run timed --json > timed.json 2> timed.log &
pid=$!
wait_for 20 timed/metrics.csv
kill -STOP $pid; sleep 3; kill -CONT $pid
check wait $pid
chosen=$(number steps timed.json)
check test "$(tail -n 1 timed/metrics.csv | cut -d, -f1)" = "$chosen"
check grep -q "^ *\"steps\" : $chosen," timed/config.json
check grep -q " $chosen steps instead of [0-9]* by the speed so far, as with --steps $chosen$" timed.log
check grep -q "\"steps\":$chosen," timed/index.html
check below "$chosen" "$(sed -n 's/^training  \([0-9]*\) steps.*/\1/p' timed.log)"
"$tinygpt" train words "${timed[@]}" --steps "$chosen" --run repeated --quiet
check same timed/checkpoint-last.safetensors repeated/checkpoint-last.safetensors
check cmp timed/samples.txt repeated/samples.txt
refused 64 "is too short" train "$text" --minutes 0.0001
"$tinygpt" train --preset fast --minutes 60 --plan --json > plan.json
check test "$(number steps plan.json)" = 1000
check grep -q '"advice":"ends sooner than --minutes allows: more than 1000 steps would learn the text by heart' plan.json
refused 64 "cannot be used together" train "$text" --minutes 1 --steps 5

echo "what a run says that got worse"
seq 400 | tr '\n' ' ' > numbers
worse=(--layers 1 --heads 1 --width 16 --context 16 --batch 2 --warmup 0)
"$tinygpt" train numbers "${worse[@]}" --learning-rate 3 --eval-every 1 --steps 20 --run too-fast 2> err
check grep -q "the training loss did not fall either: a lower --learning-rate helps$" err
"$tinygpt" train numbers "${worse[@]}" --steps 2000 --eval-every 50 --run by-heart 2> err
check grep -q "learn the text by heart; --dropout 0.2 or more text helps, and --patience 3 would have stopped it$" err
"$tinygpt" train numbers "${worse[@]}" --steps 2000 --eval-every 50 --patience 2 --run impatient 2> err
check grep -q "^stopped at step .* validation" err
check grep -q "tinygpt train --resume impatient --patience 4" impatient/index.html
# Of n-grams on the text that they were counted on there is nothing to learn.
check grep -q '"yardsticks":null' <("$tinygpt" eval by-heart --split train --json)
check grep -q '"yardsticks":{' <("$tinygpt" eval by-heart --json)
refused 64 "which cannot be read again$" sample piped-words --check

echo "probes"
"$tinygpt" train "$text" "${small[@]}" --run probed --probe "To be" --quiet
check same whole/checkpoint-last.safetensors probed/checkpoint-last.safetensors
check test "$(wc -l < probed/probe.jsonl)" = 4
"$tinygpt" train --resume probed --steps 130 --quiet
check test "$(wc -l < probed/probe.jsonl)" = 5
"$tinygpt" attention probed --probe --heads --html probe.html -q
check grep -q '"history":\[' probe.html
"$tinygpt" train "$text" "${small[@]}" --run watched --probe "To be" --probe-weights 2> err
check grep -q "^snapshots the weights at [0-9]* validations, [0-9.]* kB each" err
check same whole/checkpoint-last.safetensors watched/checkpoint-last.safetensors
check test "$(ls watched/snapshots | wc -l)" = 3
"$tinygpt" train --resume watched --steps 130 --quiet
check test "$(ls watched/snapshots | wc -l)" = 4
"$tinygpt" attention watched --probe --neurons --html watched.html -q
check grep -q '"weights":.*"windows":' watched.html
refused 64 "needs --probe TEXT" train "$text" --probe-weights
refused 64 "up to 3.8M" train "$text" --preset baby --probe "To be" --probe-weights
refused 64 "started without a --probe" train --resume whole --probe-weights
refused 64 "needs a page that runs the model" attention probed --probe --neurons --html page.html
refused 64 "for the explorer" attention whole --prompt a --neurons
cat "$text" | "$tinygpt" train - "${small[@]/120/0}" --run initial --quiet
check test -s initial/checkpoint-last.safetensors
loss_of whole "$text" > all.json
check test "$(number characters all.json)" = 93819
"$tinygpt" eval whole --stride 32 --json | cmp -s - eval.json || fail "a stride of the context gives another result"
"$tinygpt" eval whole --stride 8 --json > overlapping.json
check below 0 "$(number loss overlapping.json)"
check test "$(number loss overlapping.json)" != "$(number loss eval.json)"
check test "$(number characters overlapping.json)" = "$(number characters eval.json)"
refused 64 "the model's context of 32" eval whole --stride 33
refused 64 "whole number" eval whole --stride 0

"$tinygpt" heads whole --quiet > heads.txt 2> err
check test ! -s err
check test "$(grep -c '^[01]\.[01] ' heads.txt)" = 4
check grep -q '^chance ' heads.txt
check below "$(awk '{ if (length > n) n = length } END { print n }' heads.txt)" 81
"$tinygpt" heads whole --windows 40 --json > heads.json
"$tinygpt" heads whole --windows 40 --json --threads 1 | cmp -s - heads.json || fail "heads differ by threads"
check test "$(grep -c '"induction":{"chance":0' heads.json)" = 4
check test "$(grep -c '"windows":40' heads.json)" = 4
# The most valuable head comes first, and without it the loss is larger.
check below 0 "$(head -1 heads.json | sed 's/.*"averaged":{"change":\([-0-9.e]*\).*/\1/')"
printf 'abab' > few
"$tinygpt" heads whole few --json > few.json
check test "$(grep -c '"space_or_newline":{"chance":null,"value":null}' few.json)" = 4

LC_ALL=C "$tinygpt" neurons whole --quiet > neurons.txt 2> err
check test ! -s err
check grep -q '^[01]\.[0-9]* *newline ' neurons.txt
check test "$(grep -c '^[01]\.[0-9]* *space ' neurons.txt)" = 3
check below "$(awk '{ if (length > n) n = length } END { print n }' neurons.txt)" 81
"$tinygpt" neurons whole --windows 40 --top 1 --json > neurons.json
"$tinygpt" neurons whole --windows 40 --top 1 --json --threads 1 | cmp -s - neurons.json || fail "neurons differ by threads"
check test "$(grep -c '"neurons":256,.*"windows":40}' neurons.json)" = "$(wc -l < neurons.json)"
check test "$(grep -c '"feature":"capital"},"layer"' neurons.json)" = 1
"$tinygpt" neurons whole few > neurons.txt
check grep -q '^none of 256 neurons' neurons.txt
refused 64 "whole number" neurons whole --top 0

echo "export and import"
"$tinygpt" export whole --to huggingface exported 2> /dev/null
check test "$(ls exported | wc -l)" = 6
"$tinygpt" import --from huggingface exported --run imported --quiet
loss_of imported "$text" > imported.json
check cmp -s imported.json all.json
refused 64 "tinygpt heads imported TEXT" heads imported
"$tinygpt" train "$text" --resume imported --steps 5 --quiet
check test "$(grep -c ',train,' imported/metrics.csv)" = 5
for change in "config.json gpt2 gptj" "config.json gelu_new relu" "config.json \"n_embd\":32 \"n_embd\":64" "tokenizer.json \"z\" \"zz\"" \
    "model.safetensors h.1.ln_2.weight h.1.ln_3.weight" "config.json \"n_positions\":32 \"n_positions\":16"; do
    read -r file from to <<< "$change"
    rm -rf edited; cp -r exported edited
    LC_ALL=C sed -i "s/\"\\([a-z_]*\\)\" : /\"\\1\":/; s/$from/$to/" edited/$file
    refused 65 "edited/" import --from huggingface edited --run refused
    check test ! -e refused
done
refused 73 "not overwritten" export whole --to huggingface exported
for format in gguf pytorch; do
    "$tinygpt" export whole --to $format $format 2> note
    check grep -q "exported whole to $format" note
    "$tinygpt" import $format --from $format --run $format-back --quiet
    loss_of $format-back "$text" > back.json
    check cmp -s back.json all.json
    refused 73 "not overwritten" export whole --to $format $format
done
"$tinygpt" export whole --to gguf small.gguf --type q8_0 2> note
check grep -q "llama-server -m small.gguf" note
check below "$(stat -c %s small.gguf 2> /dev/null || stat -f %z small.gguf)" "$(($(stat -c %s gguf 2> /dev/null || stat -f %z gguf) / 2))"
"$tinygpt" train "$text" --layers 1 --heads 1 --width 8 --context 300 --steps 0 --run longer --quiet
"$tinygpt" export longer --to gguf longer.gguf 2> note
check grep -q "at most 300 characters" note
check grep -q -- "--context 512$" note
refused 64 "goes with --to gguf" export whole --to pytorch nothing --type f16
refused 64 "train it with --architecture classic --tied" export whole --to nanogpt nothing
refused 65 "does not begin with 'GGUF'" import exported/model.safetensors --from gguf --run refused
refused 65 "'configuration' is missing" import --from nanogpt whole --run refused
check test ! -e nothing -a ! -e refused
refused 73 "cannot create" export whole --to huggingface /dev/null/x
refused 66 "no file" import --from huggingface whole --run refused
check test -z "$(ls -d ./*.part 2> /dev/null)"

echo "the modern architecture: the same bits at any number of threads, resumed, exported and imported"
modern=("${small[@]}" --architecture modern --learning-rate 3e-3)
"$tinygpt" train "$text" "${modern[@]}" --run modern --threads 2 --quiet
check grep -q '"architecture" : "modern"' modern/config.json
mkdir runs; cp -r modern runs/listed
check test "$("$tinygpt" runs --json | grep -c '"architecture":"modern"')" = 1
check grep -q '^listed .* modern$' <("$tinygpt" runs)
rm -r runs
"$tinygpt" train "$text" "${modern[@]/120/1500}" --run stopped --threads 1 > /dev/null 2> stopped.log &
process=$!
wait_for 30 stopped/metrics.csv
kill -TERM $process
code=0; ended $process || code=$?
check test $code = 143
"$tinygpt" train --resume stopped --quiet --threads 1
"$tinygpt" train "$text" "${modern[@]/120/1500}" --run unstopped --quiet --threads 3
check same unstopped/checkpoint-last.safetensors stopped/checkpoint-last.safetensors
loss_of modern "$text" > modern.json
"$tinygpt" eval modern --json > modern-validation.json
check below "$(number loss modern-validation.json)" "$(number loss eval.json)"
"$tinygpt" sample modern --prompt "Shall I" --length 300 > sample.txt
"$tinygpt" sample modern --prompt "Shall I" --length 300 > again.txt
check cmp -s sample.txt again.txt
"$tinygpt" attention modern --prompt "To be" --html modern.html --quiet
check grep -q '"architecture":"modern"' modern.html
"$tinygpt" heads modern --windows 8 > heads.txt
check test "$(grep -c '^[01]\.[01] ' heads.txt)" = 4
"$tinygpt" export modern --to huggingface qwen --quiet
check grep -q Qwen3ForCausalLM qwen/config.json
"$tinygpt" import --from huggingface qwen --run modern-back --quiet
loss_of modern-back "$text" > back.json
check cmp -s back.json modern.json
check test "$("$tinygpt" bench step --architecture modern --width 32 --steps 4 --json | grep -c '"architecture":"modern"')" = 1
check test "$("$tinygpt" bench matmul --json | grep -c '"gflops":.*"weight_gradient_gflops":')" = 7
refused 64 "a modern model has no biases" train "$text" --architecture modern --bias
refused 64 "needs an even number" train "$text" --architecture modern --heads 3 --width 9
refused 64 "classic or modern" train "$text" --architecture postmodern
refused 64 "cannot be changed" train --resume whole --architecture modern
refused 64 "cannot be changed" train --resume modern --architecture classic
"$tinygpt" train --resume modern --steps 121 --architecture modern --quiet

echo "tables, Muon and two batches a step: killed, and resumed to the same bits with another number of threads"
tables=("${modern[@]/120/600}" --tables trigram --optimizer muon --accumulate 2)
"$tinygpt" train "$text" "${tables[@]}" --run tables --quiet --threads 2
"$tinygpt" train "$text" "${tables[@]}" --run killed --threads 1 > /dev/null 2> killed.log &
process=$!
wait_for 70 killed/metrics.csv
kill -KILL $process
code=0; ended $process || code=$?
check test $code = 137
check test "$(grep -c ',train,' killed/metrics.csv)" -lt 600
"$tinygpt" train --resume killed --quiet --threads 3
check same tables/checkpoint-last.safetensors killed/checkpoint-last.safetensors
for format in huggingface gguf nanogpt; do refused 64 "tables" export tables --to $format nothing; done
check test ! -e nothing
"$tinygpt" export tables --to pytorch tables-exported --quiet

echo "a folder named ~ is a folder, and a closed standard stream is no file"
mkdir home
tiny=(--layers 1 --heads 1 --width 8 --context 8 --steps 4 --quiet)
HOME=$PWD/home "$tinygpt" train "$text" "${tiny[@]}" --run='~/x'
HOME=$PWD/home "$tinygpt" train --resume='~/x' --steps 6 --quiet
HOME=$PWD/home "$tinygpt" sample '~/x' --length 5 --html='~/page.html' --quiet > out
HOME=$PWD/home "$tinygpt" attention '~/x' --prompt To --npy='~/map.npy' --quiet
HOME=$PWD/home "$tinygpt" export '~/x' --to huggingface '~/model' --quiet
HOME=$PWD/home "$tinygpt" import '~/model' --from huggingface --run='~/y' --quiet
check test -z "$(ls home)"
check test "$(ls '~' | tr '\n' ' ')" = "map.npy model page.html x y "
"$tinygpt" train "$text" "${tiny[@]}" --run open
for stream in 0 1 2; do
    { eval "\"\$tinygpt\" train \"\$text\" ${tiny[*]/--quiet/} --run closed$stream $stream>&-"; } > /dev/null 2>&1
    check test "$(cut -d, -f1-5 closed$stream/metrics.csv)" = "$(cut -d, -f1-5 open/metrics.csv)"
    check same closed$stream/checkpoint-last.safetensors open/checkpoint-last.safetensors
done

echo "the built-in text, in a folder that has none"
"$tinygpt" train "${tiny[@]}" --run sonnets
check same sonnets/checkpoint-last.safetensors open/checkpoint-last.safetensors
"$tinygpt" train --resume sonnets --steps 6 --quiet
loss_of sonnets > a; loss_of sonnets "$text" --split val > b
check cmp -s a b
refused 66 "no file 'shakespeare'" train shakespeare

echo "names with marks and line breaks, and what a failed command leaves"
forged=$'x\nstep 9\u202e\'\u0301;touch hacked;\'\u0301'
"$tinygpt" train "$text" "${tiny[@]/--quiet/--color=never}" --run "$forged" > out 2> err
check test "$(grep -c '^step 9' err)" = 0
command=$(grep '^  tinygpt sample ' err)
"$tinygpt" sample "$forged" --length 5 > a
eval "${command/tinygpt/\"\$tinygpt\"} --length 5" > b
check cmp -s a b
check test ! -e hacked
mkdir runs; mv "$forged" "runs/$forged"
check test "$("$tinygpt" runs | wc -l)" = 2
rm -r runs
refused 66 'no file .x.n' train $'x\ny'
head -c 2000000 /dev/zero | tr '\0' 'T' > prompt
refused 65 "too long" sample whole --prompt-file prompt
code=0; (ulimit -n 4; exec "$tinygpt" train "$text" "${tiny[@]}" --run descriptors) 2> err || code=$?
check test $code = 73
check grep -q "Too many open files" err
check test ! -e descriptors
mkdir there; ln -s there link
code=0; (ulimit -f 1; exec "$tinygpt" import --from huggingface exported --run link 2> err) || code=$?
check test $code = 74
check test -L link
check test -z "$(ls there)"
code=0; (ulimit -f 1; exec "$tinygpt" export whole --to huggingface full 2> err) || code=$?
check test $code = 74
check grep -q "'full/[a-z_.]*': File too large" err

echo "logs that are cut off or of later steps"
for log in metrics.csv samples.txt probe.jsonl; do
    rm -rf cutoff; cp -r probed cutoff
    for size in 0 100; do
        head -c $size probed/$log > cutoff/$log
        refused 65 "cutoff/$log' \(is cut off\|is not the probe log\)" train --resume cutoff --steps 140
    done
    rm cutoff/$log
    "$tinygpt" train --resume cutoff --steps 140 --quiet
    check test "$(cut -d, -f1-2 cutoff/metrics.csv | sort | uniq -d | wc -l)" = 0
done
rm -rf later; cp -r probed later; rm later/checkpoint-* later/metrics.csv
before=$(cat later/* | cksum)
refused 73 "already exists" train "$text" "${small[@]}" --run later
check test "$before" = "$(cat later/* | cksum)"

echo "a run has one writer"
for round in 1 2 3 4 5 6; do
    "$tinygpt" train "$text" "${tiny[@]}" --seed 1 --run "both$round" 2> both1.log & first=$!
    "$tinygpt" train "$text" "${tiny[@]}" --seed 2 --run "both$round" 2> both2.log & second=$!
    codes=""
    for process in $first $second; do code=0; wait $process || code=$?; codes="$codes $code"; done
    check test "$codes" = " 0 73" -o "$codes" = " 73 0"
    winner=$([ "$codes" = " 0 73" ] && echo 1 || echo 2)
    check grep -q "\"seed\" : $winner" "both$round/config.json"
    check grep -q "another process is training\|already exists" both$((3 - winner)).log
done
"$tinygpt" train "$text" "${long[@]}" --run busy --quiet & process=$!
wait_for 70 busy/metrics.csv
refused 73 "another process is training" train --resume busy --steps 2000
check test "$("$tinygpt" sample busy --length 5 | wc -m)" -ge 5
ended $process
check same alone/checkpoint-last.safetensors busy/checkpoint-last.safetensors

echo "what can stand in place of a file"
mkfifo waiting
for file in checkpoint-last.safetensors checkpoint-best.safetensors config.json metrics.csv probe.jsonl samples.txt; do
    for other in "$PWD/waiting" /dev/zero "$PWD"; do
        rm -rf replaced; cp -r probed replaced
        rm -f replaced/$file; ln -s "$other" replaced/$file
        refused 65 "expected a regular file" train --resume replaced --steps 140
    done
done
refused 65 "is a device" train /dev/zero
refused 65 "is a device" sample whole --prompt-file /dev/urandom
{ "$tinygpt" train - --run endless < /dev/zero > out 2> err && fail "an endless device was taken"; } || check test $? = 65
{ yes | tr 'y' '\377' | "$tinygpt" train - --run endless > out 2> err && fail "bad bytes were taken"; } || check test $? = 65
check grep -q "byte offset 0" err
check test ! -e endless
head -c 2000 "$text" > own; "$tinygpt" train own "${tiny[@]}" --run own-text
rm own; mkfifo own
refused 65 "is not a regular file" eval own-text
rm own; mkdir own
refused 65 "is not a regular file" train --resume own-text --steps 9
loss_of whole <(cat "$text") > piped.json
check cmp -s piped.json all.json
check test "$("$tinygpt" sample whole --prompt-file <(printf 'Shall I') --length 20 | head -c 7)" = "Shall I"

echo "mistakes"
printf 'aaaaaaaaaa' > one; printf 'ab' > short; : > empty; printf 'good \xff bad' > latin; printf 'no model' > whole/foreign
printf 'ab#' > unknown; printf 'a' > single
mkdir plain; head -c 5000 whole/checkpoint-best.safetensors > cut; mkdir damaged; cp cut damaged/checkpoint-last.safetensors
mkdir foreign; printf '\x02\x00\x00\x00\x00\x00\x00\x00{}' > foreign/checkpoint-last.safetensors
refused 64 "did you mean 'train'" trian
refused 64 "did you mean '--steps'" train --step 3
refused 64 "expects bash, zsh or fish, got 'tcsh'" --generate-completion-script tcsh
refused 64 "expects bash, zsh or fish, but nothing" --generate-completion-script
refused 64 "whole number" train --steps many
refused 64 "whole number" train --steps -1
refused 64 "whole number" train --batch 0
refused 64 "whole number" train --steps 99999999999999999999
refused 64 "number" train --learning-rate nan
refused 64 "number" train --dropout 1
refused 64 "a width of 128 is not divisible by 5 heads" train "$text" --heads 5
refused 64 "larger than --learning-rate" train "$text" --learning-rate 1e-5 --min-learning-rate 1e-4
refused 66 "missing" train missing
refused 65 "folder" train plain
printf 'a text' > t
refused 66 "expected a run, but 't' is a file" sample t
refused 65 "empty" train empty
refused 65 "too short" train short
refused 65 "nothing" train one
refused 65 "byte offset 5" train latin
refused 73 "cannot create" train "$text" --run /dev/null/run
refused 73 "already exists" train "$text" --run whole
refused 64 "cannot be changed" train --resume whole --width 64
refused 64 "has already completed 120 steps" train --resume whole --steps 100
refused 64 "was trained on standard input" train --resume initial --steps 5
refused 64 "was trained on standard input" eval initial
refused 66 "expected a run" eval "$text"
refused 65 "not the one" train short --resume whole
refused 66 "there is no run 'nowhere'" sample nowhere
refused 66 "no checkpoint" sample plain
refused 66 "no checkpoint" export plain --to huggingface nothing
refused 65 "cut off" sample damaged
refused 65 "not a TinyGPT checkpoint" sample foreign
refused 65 "position 2" sample whole --prompt "ab#cd"
refused 64 "required\|--prompt" attention whole
refused 64 "for the explorer" attention whole --prompt a --heads
refused 64 "for the explorer" attention whole --prompt a --precision f16
refused 64 "needs a page that runs the model" attention probed --probe --compare whole --html page.html
refused 66 "has no probe" attention whole --probe
refused 64 "two kinds of output" attention whole --prompt a --npy same --svg same
refused 73 "cannot create '/nowhere/page'" sample whole --html /nowhere/page
refused 64 "expects huggingface, gguf, pytorch or nanogpt, got" export whole --to other folder
refused 64 "explain one text" sample whole --explain --count 2
refused 65 "never saw\|unknown\|position" train "$text" --probe "#"
refused 64 "another probe" train --resume probed --probe other
refused 64 "two kinds of output" attention whole --prompt a --npy same --svg ./same
for kind in html npy safetensors; do refused 64 "only --json and --svg" attention whole --prompt a --$kind -; done
refused 64 "expects the name of a file" sample whole --html -
check test ! -e ./-
check test ! -e same
refused 64 "numbered 0 to 1" attention whole --prompt a --layer 2
for kind in json html svg npy safetensors; do
    refused 73 "cannot create '/nowhere/map'" attention whole --prompt a --$kind /nowhere/map
done
refused 66 "there is no run 'nowhere'" heads nowhere
refused 66 "missing" heads whole missing
refused 65 "position 2" heads whole unknown
refused 65 "at least 2" heads whole single
refused 64 "whole number" heads whole --windows 0
refused 64 "train, val or all" heads whole --split test
check cmp -s <(printf 'no model') whole/foreign
check same whole/checkpoint-last.safetensors threads1/checkpoint-last.safetensors
"$tinygpt" train "$text" "${small[@]}" --run wild --learning-rate 1e30 --clip 1e30 > /dev/null 2> err && fail "diverging training ended well"
check grep -q "diverged" err
check test -s wild/checkpoint-last.safetensors
"$tinygpt" train "$text" --layers 1 --width 32 --context 32 --steps 1 --warmup 0 --run wilder --learning-rate 1e38 2> err > /dev/null && fail "it diverged and ended well"
check grep -q "diverged" err
check test "$("$tinygpt" sample wilder --length 10 | wc -m)" = 10

echo "$checks passed, 0 failed"
