/* data/providers.txt as it was when the program was built. */
#ifndef SCANNER_PROVIDER_BUILTIN_H
#define SCANNER_PROVIDER_BUILTIN_H

extern const char PROVIDERS_BUILTIN[]; /* NUL-terminated */

#endif
