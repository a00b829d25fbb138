/* TLS-RPT records. */
#include "scanner/classify/tls_rpt.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* What is taken for a URI is printable ASCII with its scheme before a colon. */
static void check_uri(const struct tls_rpt_uri *uri)
{
    require(uri->scheme.ptr == uri->uri.ptr && uri->scheme.len < uri->uri.len);
    require(uri->uri.ptr[uri->scheme.len] == ':');
    for (size_t i = 0; i < uri->uri.len; i++) {
        require(uri->uri.ptr[i] > 0x20 && uri->uri.ptr[i] < 0x7F);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct defects defects;
    struct tls_rpt_record record;
    struct span text = {(const char *)data, size};
    defects_clear(&defects);
    tls_rpt_version(text);
    tls_rpt_parse(text, &record, &defects);
    require(record.rua_count <= TLS_RPT_URIS_MAX);
    for (size_t i = 0; i < record.rua_count; i++) {
        check_uri(&record.rua[i]);
    }
    for (size_t i = 0; i < defects.count; i++) {
        require(tls_rpt_code_text(defects.list[i].code) != NULL);
    }
    require(record.rua_count > 0 || defects_has(&defects, TLS_RPT_RUA_MISSING) ||
            defects_has(&defects, TLS_RPT_RUA_INVALID));
    return 0;
}
