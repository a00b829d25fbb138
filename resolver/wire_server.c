#include "resolver/wire_server.h"

/* Differences below this are noise: all servers of a rack are equals. */
#define RTT_LEAST_US 8000
/* Of the smoothed time a new one makes an eighth (RFC 6298, 2); what is not measured
 * fades by a 64th with each question that goes elsewhere. */
#define RTT_SHARE 8
#define RTT_FADING 64
#define RTT_MOST_MS 60000U

void wire_servers_init(struct wire_servers *servers, const struct name_server *addresses,
                       unsigned count, uint32_t window, uint32_t timeout_ms)
{
    *servers = (struct wire_servers){.count = count};
    for (unsigned i = 0; i < count; i++) {
        servers->all[i].address = addresses[i];
        window_init(&servers->all[i].window, window, timeout_ms);
    }
}

static bool is_well(const struct wire_server *server)
{
    return server->rest_ms == 0;
}

static bool is_any_well(const struct wire_servers *servers)
{
    for (unsigned i = 0; i < servers->count; i++) {
        if (is_well(&servers->all[i])) {
            return true;
        }
    }
    return false;
}

static bool has_room(const struct wire_server *server)
{
    return server->outstanding < server->window.size;
}

bool wire_servers_have_room(const struct wire_servers *servers)
{
    bool any_well = is_any_well(servers);

    for (unsigned i = 0; i < servers->count; i++) {
        const struct wire_server *server = &servers->all[i];
        if (has_room(server) && (is_well(server) || !any_well)) {
            return true;
        }
    }
    return false;
}

static uint64_t expected_us(const struct wire_server *server)
{
    uint64_t rtt_us = server->rtt_us > RTT_LEAST_US ? server->rtt_us : RTT_LEAST_US;

    return rtt_us * (server->outstanding + 1U);
}

static bool is_better(const struct wire_server *server, const struct wire_server *than)
{
    if (!than || has_room(server) != has_room(than)) {
        return !than || has_room(server);
    }
    return expected_us(server) < expected_us(than);
}

/* The one that needs the least; full ones after all others. Not but, unless it is the
 * only one. */
static unsigned best_of(struct wire_servers *servers, unsigned but)
{
    bool any_well = is_any_well(servers);
    const struct wire_server *best = NULL;

    for (unsigned i = 0, at = servers->next; i < servers->count; i++, at++) {
        at = at < servers->count ? at : 0;
        const struct wire_server *server = &servers->all[at];
        bool is_choice = at != but && (is_well(server) || !any_well);
        if (is_choice && is_better(server, best)) {
            best = server;
        }
    }
    return best ? (unsigned)(best - servers->all) : but;
}

static unsigned take(struct wire_servers *servers, unsigned chosen)
{
    for (unsigned i = 0; i < servers->count; i++) {
        struct wire_server *server = &servers->all[i];
        if (i != chosen) {
            server->rtt_us -= server->rtt_us / RTT_FADING;
        }
    }
    servers->all[chosen].outstanding++;
    servers->next = chosen + 1 < servers->count ? chosen + 1 : 0;
    return chosen;
}

static struct wire_server *due_for_a_look(struct wire_servers *servers, uint64_t now_ms)
{
    for (unsigned i = 0; i < servers->count; i++) {
        struct wire_server *server = &servers->all[i];
        if (!is_well(server) && server->rests_until_ms <= now_ms) {
            return server;
        }
    }
    return NULL;
}

static uint32_t longer(uint32_t rest_ms)
{
    return 2 * rest_ms < WIRE_SERVER_REST_MAX_MS ? 2 * rest_ms : WIRE_SERVER_REST_MAX_MS;
}

unsigned wire_servers_choose(struct wire_servers *servers, uint64_t now_ms)
{
    struct wire_server *looked_after =
        is_any_well(servers) ? due_for_a_look(servers, now_ms) : NULL;

    if (looked_after) {
        looked_after->rests_until_ms = now_ms + looked_after->rest_ms;
        looked_after->rest_ms = longer(looked_after->rest_ms);
        return take(servers, (unsigned)(looked_after - servers->all));
    }
    return take(servers, best_of(servers, servers->count));
}

unsigned wire_servers_choose_other(struct wire_servers *servers, unsigned last)
{
    return take(servers, best_of(servers, last));
}

void wire_server_heard(struct wire_server *server, uint64_t now_ms, uint32_t rtt_ms,
                       uint32_t losses)
{
    uint32_t rtt_us = (rtt_ms < RTT_MOST_MS ? rtt_ms : RTT_MOST_MS) * 1000;

    server->rtt_us = server->rtt_us - server->rtt_us / RTT_SHARE + rtt_us / RTT_SHARE;
    server->silences = 0;
    window_hear(&server->window, now_ms, losses);
}

static void rest(struct wire_server *server, uint64_t now_ms)
{
    if (is_well(server)) {
        server->rest_ms = WIRE_SERVER_REST_MS;
        server->rests_until_ms = now_ms + WIRE_SERVER_REST_MS;
    }
}

void wire_server_answered(struct wire_server *server)
{
    server->refusals = server->rest_ms = 0;
}

void wire_server_refused(struct wire_server *server, uint64_t now_ms)
{
    if (++server->refusals >= WIRE_SERVER_REFUSALS) {
        rest(server, now_ms);
    }
}

void wire_server_timed_out(struct wire_server *server, uint64_t now_ms)
{
    if (++server->silences >= WIRE_SERVER_SILENCES) {
        rest(server, now_ms);
    }
}

void wire_server_unreachable(struct wire_server *server, uint64_t now_ms)
{
    rest(server, now_ms);
}
