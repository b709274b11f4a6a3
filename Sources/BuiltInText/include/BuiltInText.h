/// The text that comes with the program, data/shakespeare.txt, compiled in.
#pragma once
#include <stddef.h>

/// Its bytes; they are there as long as the process.
const unsigned char *builtInText(void);

/// How many there are.
size_t builtInTextSize(void);
