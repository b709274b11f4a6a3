/// Texts that are compiled in: what a program of one file would otherwise read from files beside it.
#pragma once
#include <stddef.h>

/// A text in UTF-8; its bytes are there as long as the process.
typedef struct {
    const unsigned char *bytes;
    size_t count;
} EmbeddedText;

// The text that comes with the program.
EmbeddedText sonnets(void);

// What all pages have in common, and what those with charts have.
EmbeddedText pageHTML(void);
EmbeddedText pageStyle(void);
EmbeddedText chartStyle(void);
EmbeddedText chartScripts(void);

// The explorer.
EmbeddedText explorerHTML(void);
EmbeddedText explorerStyle(void);
EmbeddedText explorerScripts(void);

// The page of a run.
EmbeddedText runHTML(void);
EmbeddedText runStyle(void);
EmbeddedText runScripts(void);

// The comparison of runs.
EmbeddedText comparisonHTML(void);
EmbeddedText comparisonStyle(void);
EmbeddedText comparisonScript(void);

// Programs for PyTorch.
EmbeddedText modelOpening(void);
EmbeddedText classicModel(void);
EmbeddedText modernModel(void);
EmbeddedText modelTables(void);
EmbeddedText modelGPT(void);
EmbeddedText sampleProgram(void);
EmbeddedText checkpointProgram(void);
