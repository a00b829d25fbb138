/* The table behind scanner/options.h: every command and every flag, once. */
#ifndef SCANNER_OPTIONS_TABLE_H
#define SCANNER_OPTIONS_TABLE_H

#include "scanner/options.h"

/* In the order of --help. */
enum option_group {
    GROUP_INPUT,
    GROUP_OUTPUT,
    GROUP_DNS,
    GROUP_HTTPS,
    GROUP_POLITENESS,
    GROUP_SCOPE,
    GROUP_RUN,
    GROUP_COUNT
};

/* What a value is and which member it goes to (at offset in struct options). */
enum option_type {
    OPTION_FLAG,      /* bool; no value */
    OPTION_TEXT,      /* const char *, not empty */
    OPTION_ANY_TEXT,  /* const char * */
    OPTION_HEADER,    /* const char *, printable ASCII: it goes into an HTTP header */
    OPTION_CONTACT,   /* the same, a URL or a mail address */
    OPTION_UINT,      /* uint64_t */
    OPTION_RATE,      /* double */
    OPTION_BYTES,     /* uint64_t; K, M, G */
    OPTION_CHECKS,    /* unsigned */
    OPTION_SENDER_IP, /* one more of sender_ips */
    OPTION_SHARD,     /* uint64_t, or is_shard_auto */
    OPTION_HELP,
    OPTION_VERSION
};

struct option {
    const char *name; /* without the dashes */
    char short_name;  /* 0 = none */
    enum option_group group;
    enum option_type type;
    const char *argument; /* the value's name in --help; NULL for flags */
    unsigned commands;    /* enum command */
    size_t offset;
    uint64_t least, most; /* of numbers and rates */
    const char *help;     /* a sentence */
    /* A default is either parsed like a value from the command line, or only told. */
    const char *default_value;
    const char *default_note;
    bool is_unavailable; /* known, not built yet: refused with a clear line */
};

struct option_command {
    enum command command;
    const char *name;
    const char *operand; /* the operands' name in --help; "" = none */
    size_t operands_least, operands_most;
    const char *summary;
    const char *examples; /* NULL = none */
    bool is_unavailable;
};

extern const struct option OPTIONS[];
extern const size_t OPTION_COUNT;
extern const struct option_command OPTION_COMMANDS[];
extern const size_t OPTION_COMMAND_COUNT;
extern const char *const OPTION_GROUPS[GROUP_COUNT];

#endif
