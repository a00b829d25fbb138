/* SPF records, one a line: each through the grammar, then all of them together as a DNS
 * through the analysis. */
#include "scanner/classify/spf_grammar.h"
#include "tests/fuzz/spf_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(struct span inner, struct span outer)
{
    return inner.len == 0 ||
           (inner.ptr >= outer.ptr && inner.ptr + inner.len <= outer.ptr + outer.len);
}

/* Terms come in order and leave nothing out but spaces. */
static void check_terms(struct span record)
{
    struct spf_terms terms;
    struct spf_term term;
    const char *end = record.ptr + 6;
    spf_terms_begin(&terms, record);
    while (spf_terms_next(&terms, &term)) {
        require(term.text.len > 0 && is_within(term.text, record));
        require(is_within(term.domain_spec, term.text));
        require(term.prefix4 <= 32 || term.kind == SPF_TERM_BROKEN);
        require(term.prefix6 <= 128 || term.kind == SPF_TERM_BROKEN);
        for (; end < term.text.ptr; end++) {
            require(*end == ' ');
        }
        end = term.text.ptr + term.text.len;
        require(term.kind != SPF_TERM_BROKEN || term.defect < SPF_ERROR_COUNT);
    }
}

/* What is borrowed must still be there: the sanitizer looks on. */
static void touch(struct span text)
{
    static volatile char seen;
    for (size_t i = 0; i < text.len; i++) {
        seen = text.ptr[i];
    }
    (void)seen;
}

static void check_analysis(const struct spf_analysis *analysis,
                           const struct defects *defects)
{
    require(analysis->question_count <= SPF_QUERIES_MAX);
    require(analysis->include_count <= SPF_INCLUDES_MAX);
    require(analysis->ipv4_addresses <= UINT64_C(1) << 32);
    require((analysis->lookups > 10) == defects_has(defects, SPF_TOO_MANY_LOOKUPS));
    require((analysis->void_lookups > 2) ==
            defects_has(defects, SPF_TOO_MANY_VOID_LOOKUPS));
    for (size_t i = 0; i < analysis->include_count; i++) {
        touch(span_of(analysis->includes[i]));
    }
    for (size_t i = 0; i < defects->count; i++) {
        require(spf_code_text(defects->list[i].code) != NULL);
        touch(defects->list[i].detail);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world world;
    static struct spf_analysis analysis;
    struct defects defects;
    struct lookup lookup = {world_get, &world};
    world_begin(&world, (struct span){(const char *)data, size});
    for (size_t i = 0; i < world.line_count; i++) {
        if (spf_version(world.lines[i]) == VERSION_COUNTS) {
            check_terms(world.lines[i]);
        }
    }
    defects_clear(&defects);
    do {
        world.round++;
        spf_analyse("c.example.org", &lookup, &analysis, &defects);
        require(world.round < 200);
    } while (!analysis.is_done);
    require(world.count <= SPF_QUERIES_MAX);
    check_analysis(&analysis, &defects);
    return 0;
}
