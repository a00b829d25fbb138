/* Runs a fuzz target over every file of the directories named: the committed corpora, in
 * every build.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long size = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        size = ftell(file);
    }
    if (size >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        bytes = malloc((size_t)size + 1);
    }
    int ok = bytes != NULL && fread(bytes, 1, (size_t)size, file) == (size_t)size;
    if (ok) {
        LLVMFuzzerTestOneInput(bytes, (size_t)size);
    } else {
        fprintf(stderr, "%s: cannot be read\n", path);
    }
    free(bytes);
    if (file != NULL) {
        fclose(file);
    }
    return ok ? 0 : -1;
}

static int run_directory(const char *path, unsigned *count)
{
    char file[4096];
    struct dirent *entry;
    DIR *dir = opendir(path);
    int rc = dir != NULL ? 0 : -1;
    while (rc == 0 && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
            rc = run_file(file);
            (*count)++;
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return rc;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    for (int i = 1; i < argc; i++) {
        if (run_directory(argv[i], &count) != 0) {
            fprintf(stderr, "%s: cannot be replayed\n", argv[i]);
            return 1;
        }
    }
    printf("%u inputs replayed\n", count);
    return count > 0 ? 0 : 1;
}
