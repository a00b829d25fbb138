/* What a policy host replies: the row's text with the policy in it. */
#include "bench/lab/fault_policy.h"
#include "bench/lab/fault_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLICY_BYTES_MAX 131072
#define CHUNK_BYTES_MAX 1000

static char *read_policy(const char *path)
{
    char *text = fault_allocate(POLICY_BYTES_MAX);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fault_die(path, strerror(errno));
    }
    text[fread(text, 1, POLICY_BYTES_MAX - 1, file)] = '\0';
    fclose(file);
    return text;
}

struct filling {
    char *bytes;
    size_t len, size;
};

static void add_chunks(struct filling *reply, const char *policy)
{
    for (size_t left = strlen(policy), len = 0; left > 0; left -= len, policy += len) {
        len = left < CHUNK_BYTES_MAX ? left : CHUNK_BYTES_MAX;
        reply->len +=
            (size_t)snprintf(reply->bytes + reply->len, reply->size - reply->len,
                             "%zx\r\n%.*s\r\n", len, (int)len, policy);
    }
}

/* False: this is no place for the policy or its length. */
static bool add_place(struct filling *reply, char letter, const char *policy)
{
    char *end = reply->bytes + reply->len;
    size_t room = reply->size - reply->len;
    switch (letter) {
    case 'p':
        reply->len += (size_t)snprintf(end, room, "%s", policy);
        return true;
    case 'l':
        reply->len += (size_t)snprintf(end, room, "%zu", strlen(policy));
        return true;
    case 'c':
        add_chunks(reply, policy);
        return true;
    default:
        return false;
    }
}

char *policy_fault_reply(const struct policy_fault *fault, const char *path, size_t *len)
{
    char *policy = read_policy(path);
    struct filling reply = {.size = fault->reply_len + 2 * strlen(policy) + 64};
    reply.bytes = fault_allocate(reply.size);
    for (size_t i = 0; i < fault->reply_len; i++) {
        if (fault->reply[i] == '%' && add_place(&reply, fault->reply[i + 1], policy)) {
            i++;
        } else {
            reply.bytes[reply.len++] = fault->reply[i];
        }
    }
    free(policy);
    *len = reply.len;
    return reply.bytes;
}
