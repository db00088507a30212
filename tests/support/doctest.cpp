// doctest itself, apart from main(): a support file that checks needs it in any program.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
