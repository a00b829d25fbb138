#include "scanner/verdict.h"

/* Of a check that is off the verdict holds what another domain left there. */
void verdict_providers(struct verdict *verdict, const struct verdict_facts *facts)
{
    const struct provider_list *list = facts->config->providers;
    unsigned checks = facts->config->checks;
    if ((checks & CHECK_MX) != 0) {
        verdict->mx_provider = provider_of_mx(list, &verdict->mx);
    }
    if ((checks & CHECK_NS) != 0) {
        struct verdict_ns *ns = &verdict->ns;
        ns->provider = provider_of_ns(list, ns->hosts, ns->host_count);
    }
    if ((checks & CHECK_MTA_STS) != 0) {
        struct verdict_mta_sts *sts = &verdict->mta_sts;
        sts->provider = provider_of_chain(list, PROVIDER_MTA_STS, sts->txt.answer);
        sts->policy.provider =
            provider_of_chain(list, PROVIDER_POLICY, sts->policy.cname_answer);
    }
    if ((checks & CHECK_TLS_RPT) != 0) {
        struct verdict_tls_rpt *rpt = &verdict->tls_rpt;
        rpt->provider = provider_of_chain(list, PROVIDER_TLS_RPT, rpt->txt.answer);
    }
}
