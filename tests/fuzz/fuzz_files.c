/* The files a scan is given: its input as it lies on the disk (plain, gzip, zstd), opt-out list,
 * rules for providers, block list. The first byte says which. What is refused is refused
 * with a sentence; what is read is within its bounds. */
#include "resolver/blocklist.h"
#include "scanner/exclude.h"
#include "scanner/input.h"
#include "scanner/provider_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* A sentence: something, and of one line. */
static void require_sentence(const char *error)
{
    require(error[0] != '\0' && strchr(error, '\n') == NULL);
}

static void read_input(const char *path, size_t size)
{
    char error[INPUT_ERROR_LEN] = "";
    struct input *input = NULL;
    struct input_line line;
    uint64_t number = 0;
    int code = 0;
    require(input_open(&input, path, error) == 0);
    while ((code = input_next(input, &line)) == 1) {
        require(line.number == ++number && line.len <= INPUT_LINE_MAX);
        require(line.len == 0 || memchr(line.text, '\n', line.len) == NULL);
    }
    if (code == 0) {
        require(input_bytes_read(input) == size);
    } else {
        require_sentence(input_error(input));
    }
    input_close(input);
}

static void read_exclude(const char *path)
{
    char error[EXCLUDE_ERROR_LEN] = "";
    struct exclude *exclude = NULL;
    if (exclude_open(&exclude, path, error) != 0) {
        require_sentence(error);
        return;
    }
    (void)exclude_matches(exclude, "www.example.org");
    exclude_close(exclude);
}

static void read_providers(const char *path)
{
    char error[PROVIDER_LIST_ERROR_LEN] = "";
    struct provider_list *list = NULL;
    if (provider_list_open(&list, path, error) != 0) {
        require_sentence(error);
        return;
    }
    provider_list_free(list);
}

static void read_blocklist(const char *path)
{
    char error[256] = "";
    char text[BLOCKLIST_TEXT_MAX];
    struct blocklist blocklist = {0};
    if (blocklist_read(path, &blocklist, error, sizeof error) != 0) {
        require_sentence(error);
    }
    for (size_t i = 0; i < blocklist.len; i++) {
        struct blocklist_cidr again;
        blocklist_cidr_text(&blocklist.cidrs[i], text);
        require(blocklist_cidr_set(&again, text));
        require(memcmp(again.address, blocklist.cidrs[i].address, 16) == 0);
        require(again.prefix_bits == blocklist.cidrs[i].prefix_bits);
    }
    blocklist_free(&blocklist);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[32];
    if (size == 0) {
        return 0;
    }
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    require(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    switch (data[0] % 4) {
    case 0:
        read_input(path, size - 1);
        break;
    case 1:
        read_exclude(path);
        break;
    case 2:
        read_providers(path);
        break;
    default:
        read_blocklist(path);
    }
    close(fd);
    return 0;
}
