/* Lines as an input may hold them. Whatever they are, a line has exactly one outcome, and
 * a name that passes is one the DNS can be asked for. */
#include "scanner/target.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_name(const struct target_name *name)
{
    size_t label_len = 0;
    size_t label_count = 1;
    require(name->domain_len == strlen(name->domain) &&
            name->domain_len <= TARGET_NAME_MAX);
    require(name->domain_unicode_len == strlen(name->domain_unicode));
    require(name->domain_unicode_len > 0);
    for (size_t i = 0; i < name->domain_len; i++) {
        char c = name->domain[i];
        if (c == '.') {
            require(label_len > 0);
            label_len = 0;
            label_count++;
            continue;
        }
        require((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_');
        require(++label_len <= 63);
    }
    require(label_len > 0 && label_count >= 2);
}

/* What passed once passes again, as itself. */
static void check_again(const struct target_name *name)
{
    static struct target_name again;
    struct span text = {name->domain, name->domain_len};
    require(target_name_read(&again, text) == TARGET_REASON_NONE);
    require(strcmp(again.domain, name->domain) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct target target;
    bool is_too_long = size > INPUT_LINE_MAX;
    struct input_line line = {.number = 1,
                              .text = (const char *)data,
                              .len = is_too_long ? INPUT_LINE_MAX : size,
                              .is_too_long = is_too_long};
    if (memchr(data, '\n', size) != NULL) {
        return 0; /* no line holds one */
    }
    target_read(&target, &line, NULL);
    bool is_skipped =
        target.kind == TARGET_SKIP_BLANK || target.kind == TARGET_SKIP_COMMENT;
    require(target_is_skipped(&line) == is_skipped);
    require(target.input.len <= line.len);
    require(target.has_tag || target.tag.len == 0);
    require(target.tag.len <= INPUT_LINE_MAX);
    switch (target.kind) {
    case TARGET_SKIP_BLANK:
    case TARGET_SKIP_COMMENT:
        require(target.reason == TARGET_REASON_NONE);
        break;
    case TARGET_DOMAIN:
        require(target.reason == TARGET_REASON_NONE);
        check_name(&target.name);
        check_again(&target.name);
        break;
    case TARGET_INVALID:
        require(target.reason >= TARGET_URL && target.reason <= TARGET_TOO_LONG);
        break;
    case TARGET_EXCLUDED:
        require(target.reason == TARGET_SPECIAL_USE);
        check_name(&target.name);
        break;
    }
    return 0;
}
