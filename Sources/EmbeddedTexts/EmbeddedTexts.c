#include "EmbeddedTexts.h"

// C's #embed rather than resources of the package (`embedInCode`): those are array literals in Swift, which alone took the
// compiler 66 seconds of a release build and 32 of a debug build.
#pragma clang diagnostic ignored "-Wc23-extensions"
#define TEXT(name) \
    EmbeddedText name(void) { return (EmbeddedText){name##Bytes, sizeof name##Bytes}; }

// The text that comes with the program.

static const unsigned char sonnetsBytes[] = {
#embed "../../data/shakespeare.txt"
};
TEXT(sonnets)

// What all pages have in common, and what those with charts have.

static const unsigned char pageHTMLBytes[] = {
#embed "../TinyGPT/Inspection/Page/Parts/page.html"
};
TEXT(pageHTML)

static const unsigned char pageStyleBytes[] = {
#embed "../TinyGPT/Inspection/Page/Parts/page.css"
};
TEXT(pageStyle)

static const unsigned char chartStyleBytes[] = {
#embed "../TinyGPT/Runs/Page/Parts/charts.css"
};
TEXT(chartStyle)

static const unsigned char chartScriptsBytes[] = {
#embed "../TinyGPT/Runs/Page/Parts/numbers.js"
    , '\n',
#embed "../TinyGPT/Runs/Page/Parts/axes.js"
    , '\n',
#embed "../TinyGPT/Runs/Page/Parts/view.js"
    , '\n',
#embed "../TinyGPT/Runs/Page/Parts/chart.js"
};
TEXT(chartScripts)

// The explorer.

static const unsigned char explorerHTMLBytes[] = {
#embed "../TinyGPT/Inspection/Page/Parts/explorer.html"
};
TEXT(explorerHTML)

static const unsigned char explorerStyleBytes[] = {
#embed "../TinyGPT/Inspection/Page/Parts/explorer.css"
};
TEXT(explorerStyle)

static const unsigned char explorerScriptsBytes[] = {
#embed "../TinyGPT/Inspection/Page/Parts/weights.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/arithmetic.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/positions.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/ablation.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/model.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/trace.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/random.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/causes.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/dom.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/recording.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/live.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/state.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/colors.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/views.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/text.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/sentence.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/next.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/heads.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/map.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/pair.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/panels.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/patch.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/neurons.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/comparison.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/history.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/writing.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/save.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/tries.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/address.js"
    , '\n',
#embed "../TinyGPT/Inspection/Page/Parts/main.js"
};
TEXT(explorerScripts)

// The page of a run.

static const unsigned char runHTMLBytes[] = {
#embed "../TinyGPT/Runs/Page/Parts/run.html"
};
TEXT(runHTML)

static const unsigned char runStyleBytes[] = {
#embed "../TinyGPT/Runs/Page/Parts/run.css"
};
TEXT(runStyle)

static const unsigned char runScriptsBytes[] = {
#embed "../TinyGPT/Runs/Page/Parts/samples.js"
    , '\n',
#embed "../TinyGPT/Runs/Page/Parts/attention.js"
    , '\n',
#embed "../TinyGPT/Runs/Page/Parts/run.js"
};
TEXT(runScripts)

// The comparison of runs.

static const unsigned char comparisonHTMLBytes[] = {
#embed "../TinyGPT/Runs/Page/Parts/compare.html"
};
TEXT(comparisonHTML)

static const unsigned char comparisonStyleBytes[] = {
#embed "../TinyGPT/Runs/Page/Parts/compare.css"
};
TEXT(comparisonStyle)

static const unsigned char comparisonScriptBytes[] = {
#embed "../TinyGPT/Runs/Page/Parts/compare.js"
};
TEXT(comparisonScript)

// Programs for PyTorch.

static const unsigned char modelOpeningBytes[] = {
#embed "../TinyGPT/Interop/Python/Scripts/model_opening.py"
};
TEXT(modelOpening)

static const unsigned char classicModelBytes[] = {
#embed "../TinyGPT/Interop/Python/Scripts/model_classic.py"
};
TEXT(classicModel)

static const unsigned char modernModelBytes[] = {
#embed "../TinyGPT/Interop/Python/Scripts/model_modern.py"
};
TEXT(modernModel)

static const unsigned char modelTablesBytes[] = {
#embed "../TinyGPT/Interop/Python/Scripts/model_tables.py"
};
TEXT(modelTables)

static const unsigned char modelGPTBytes[] = {
#embed "../TinyGPT/Interop/Python/Scripts/model_gpt.py"
};
TEXT(modelGPT)

static const unsigned char sampleProgramBytes[] = {
#embed "../TinyGPT/Interop/Python/Scripts/sample.py"
};
TEXT(sampleProgram)

static const unsigned char checkpointProgramBytes[] = {
#embed "../TinyGPT/Interop/Python/Scripts/make_checkpoint.py"
};
TEXT(checkpointProgram)
