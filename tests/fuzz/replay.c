/* replay.c: runs a fuzz target over kept inputs, for `make test` without a fuzzer: replay FILE...
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv) {
    int files = 0;
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f) return 1;
        uint8_t *data = malloc(1 << 20);
        size_t n = fread(data, 1, 1 << 20, f);
        fclose(f);
        LLVMFuzzerTestOneInput(data, n);
        for (size_t cut = 0; cut < n; cut += 1 + n / 64)
            LLVMFuzzerTestOneInput(data, cut); /* and its beginnings */
        free(data);
        files++;
    }
    printf("%d inputs\n", files);
    return 0;
}
