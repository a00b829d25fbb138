#include "scanner/options.h"

void options_verdict(const struct options *options, struct verdict_config *config)
{
    *config = (struct verdict_config){
        .checks = options->checks,
        .probe_orphan_policies = options->probe_orphan_policies,
        .sender_ip_count = options->sender_ip_count,
    };
    for (size_t i = 0; i < options->sender_ip_count; i++) {
        const struct options_sender_ip *from = &options->sender_ips[i];
        struct verdict_sender_ip *to = &config->sender_ips[i];
        *to = (struct verdict_sender_ip){.len = from->len, .text = from->text};
        memcpy(to->bytes, from->bytes, from->len);
    }
}
