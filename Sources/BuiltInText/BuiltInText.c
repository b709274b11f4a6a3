#include "BuiltInText.h"

// C's #embed rather than a resource of the package (`embedInCode`): that is an array literal in Swift, and this one alone took
// the compiler 18 seconds.
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char bytes[] = {
#embed "../../data/shakespeare.txt"
};

const unsigned char *builtInText(void) { return bytes; }
size_t builtInTextSize(void) { return sizeof bytes; }
