#include "scanner/options.h"

#include "output/sink.h"
#include "scanner/options_set.h"
#include "scanner/shard.h"

#include <assert.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#define PER_HOST_RATE 20

/* The walk over argv. */
struct parser {
    struct options *options;
    struct options_message message;
    int argc;
    char **argv;
    int next;
    bool has_ended_flags; /* "--" was seen */
};

static const struct option *find_long(const char *name, size_t len)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strlen(OPTIONS[i].name) == len && memcmp(OPTIONS[i].name, name, len) == 0) {
            return &OPTIONS[i];
        }
    }
    return NULL;
}

static const struct option *find_short(char name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (OPTIONS[i].short_name == name) {
            return &OPTIONS[i];
        }
    }
    return NULL;
}

static enum options_result unknown_flag(const struct parser *parser, const char *name,
                                        size_t len)
{
    char buffer[OPTIONS_SHOWN_MAX + 1];
    const char *nearest = NULL;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if ((OPTIONS[i].commands & parser->message.command->command) &&
            !OPTIONS[i].is_unavailable) {
            nearest = options_nearer((struct span){name, len}, nearest, OPTIONS[i].name);
        }
    }
    int shown_len = len < OPTIONS_SHOWN_MAX ? (int)len : OPTIONS_SHOWN_MAX;
    if (nearest == NULL) {
        return options_bad(&parser->message, "unknown flag --%.*s", shown_len,
                           options_shown(name, buffer));
    }
    return options_bad(&parser->message, "unknown flag --%.*s; did you mean --%s?",
                       shown_len, options_shown(name, buffer), nearest);
}

/* A word that looks like a flag is taken for one, not for the value somebody forgot. */
static bool is_flag_like(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && (word[1] < '0' || word[1] > '9');
}

/* inline_value: what stood in the same word, or NULL. */
static enum options_result take_option(struct parser *parser, const struct option *option,
                                       const char *inline_value)
{
    if (!(option->commands & parser->message.command->command)) {
        return options_bad(&parser->message, "--%s is not a flag of %s", option->name,
                           parser->message.command->name);
    }
    if (option->is_unavailable) {
        return options_bad(&parser->message, "--%s is not available in this version",
                           option->name);
    }
    if (option->argument == NULL) {
        return inline_value != NULL
                   ? options_bad(&parser->message, "--%s: takes no value", option->name)
                   : options_set(parser->options, option, NULL, &parser->message);
    }
    if (inline_value == NULL) {
        if (parser->next == parser->argc || is_flag_like(parser->argv[parser->next])) {
            return options_bad(&parser->message, "--%s: needs a value (%s)", option->name,
                               option->argument);
        }
        inline_value = parser->argv[parser->next++];
    }
    return options_set(parser->options, option, inline_value, &parser->message);
}

static enum options_result take_long(struct parser *parser, const char *word)
{
    size_t len = strcspn(word, "=");
    const struct option *option = find_long(word, len);
    if (option == NULL) {
        return unknown_flag(parser, word, len);
    }
    return take_option(parser, option, word[len] == '=' ? word + len + 1 : NULL);
}

/* "-oFILE", "-o FILE", "-q", and "-qo FILE" too. */
static enum options_result take_short(struct parser *parser, const char *word)
{
    enum options_result result = OPTIONS_GO;
    while (*word != '\0' && result == OPTIONS_GO) {
        char name[2] = {*word++, '\0'};
        char buffer[OPTIONS_SHOWN_MAX + 1];
        const struct option *option = find_short(name[0]);
        if (option == NULL) {
            return options_bad(&parser->message, "unknown flag -%s",
                               options_shown(name, buffer));
        }
        bool takes_rest = option->argument != NULL && *word != '\0';
        result = take_option(parser, option, takes_rest ? word : NULL);
        word += takes_rest ? strlen(word) : 0;
    }
    return result;
}

/* Operands are gathered in argv behind the command: never further back than the word just
 * read. */
static enum options_result take_operand(struct parser *parser, char *word)
{
    char buffer[OPTIONS_SHOWN_MAX + 1];
    const struct option_command *command = parser->message.command;
    struct options *options = parser->options;
    if (options->operand_count == command->operands_most) {
        return command->operands_most == 0
                   ? options_bad(&parser->message,
                                 "%s takes no operand, and \"%s\" is one", command->name,
                                 options_shown(word, buffer))
                   : options_bad(&parser->message,
                                 "%s takes one FILE, and \"%s\" is a second",
                                 command->name, options_shown(word, buffer));
    }
    parser->argv[2 + options->operand_count++] = word;
    return OPTIONS_GO;
}

static enum options_result take_words(struct parser *parser)
{
    enum options_result result = OPTIONS_GO;
    while (parser->next < parser->argc && result == OPTIONS_GO) {
        char *word = parser->argv[parser->next++];
        if (parser->has_ended_flags || word[0] != '-' || word[1] == '\0') {
            result = take_operand(parser, word);
        } else if (strcmp(word, "--") == 0) {
            parser->has_ended_flags = true;
        } else if (word[1] == '-') {
            result = take_long(parser, word + 2);
        } else {
            result = take_short(parser, word + 1);
        }
    }
    return result;
}

static void make_user_agent(struct options *options)
{
    char *text = options->user_agent;
    if (options->user_agent_given != NULL) {
        snprintf(text, OPTIONS_USER_AGENT_MAX, "%s", options->user_agent_given);
    } else if (options->contact != NULL) {
        snprintf(text, OPTIONS_USER_AGENT_MAX, "mailcensus/" MAILCENSUS_VERSION " (+%s)",
                 options->contact);
    } else {
        snprintf(text, OPTIONS_USER_AGENT_MAX, "mailcensus/" MAILCENSUS_VERSION);
    }
}

/* What only several flags together tell. */
static enum options_result finish(struct parser *parser)
{
    struct options *options = parser->options;
    const struct option_command *command = parser->message.command;
    if (options->operand_count < command->operands_least) {
        return options_bad(&parser->message, "%s needs %s", command->name,
                           command->operand);
    }
    if (command->command == COMMAND_SCAN && options->operand_count == 1) {
        if (options->input_file != NULL) {
            return options_bad(&parser->message, "give FILE or --input-file, not both");
        }
        options->input_file = options->operands[0];
        if (options->input_file[0] == '\0') {
            return options_bad(&parser->message, "FILE must not be empty");
        }
    }
    if (options->compress && options->output != NULL) {
        return options_bad(
            &parser->message,
            "--compress is for standard output only: with --output, a directory "
            "or a name ending in .ndjson.zst is compressed");
    }
    if (options->force && options->resume) {
        return options_bad(&parser->message, "give --force or --resume, not both");
    }
    if (options->resume && sink_kind_of(options->output) != SINK_DIRECTORY) {
        return options_bad(&parser->message,
                           "--resume needs --output with a directory: standard output "
                           "and single files cannot be resumed");
    }
    if (options->per_host_rate < 0) {
        options->per_host_rate = options->https_rate > 0 ? PER_HOST_RATE : 0;
    }
    char error[160];
    if (options->is_shard_auto &&
        shard_from_environment(&options->shard, error, sizeof error) != 0) {
        return options_bad(&parser->message, "%s", error);
    }
    if (options->shard >= options->shards) {
        return options_bad(&parser->message,
                           "--shard must be below --shards (they count from 0)");
    }
    if (command->command == COMMAND_CHECK_HOST &&
        (options->ip == NULL || options->helo == NULL)) {
        return options_bad(&parser->message, "check-host needs --ip and --helo");
    }
    make_user_agent(options);
    return OPTIONS_GO;
}

/* Of this process: a batch system may lend it fewer processors than the machine has. */
static uint64_t processor_count(uint64_t most)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    long count = sched_getaffinity(0, sizeof set, &set) == 0
                     ? CPU_COUNT(&set)
                     : sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t least = count > 0 ? (uint64_t)count : 1;
    return least < most ? least : most;
}

static enum options_result set_defaults(const struct parser *parser)
{
    enum options_result result = OPTIONS_GO;
    for (size_t i = 0; i < OPTION_COUNT && result == OPTIONS_GO; i++) {
        if (OPTIONS[i].default_value != NULL) {
            result = options_set(parser->options, &OPTIONS[i], OPTIONS[i].default_value,
                                 &parser->message);
        }
    }
    parser->options->per_host_rate = -1; /* not given */
    parser->options->workers = processor_count(find_long("workers", 7)->most);
    return result;
}

static enum options_result unknown_command(const struct parser *parser, const char *word)
{
    char buffer[OPTIONS_SHOWN_MAX + 1];
    const char *nearest = NULL;
    for (size_t i = 0; i < OPTION_COMMAND_COUNT; i++) {
        if (!OPTION_COMMANDS[i].is_unavailable) {
            nearest = options_nearer(span_of(word), nearest, OPTION_COMMANDS[i].name);
        }
    }
    if (nearest == NULL) {
        return options_bad(&parser->message, "unknown command \"%s\"",
                           options_shown(word, buffer));
    }
    return options_bad(&parser->message, "unknown command \"%s\"; did you mean %s?",
                       options_shown(word, buffer), nearest);
}

static enum options_result take_command(struct parser *parser)
{
    char buffer[OPTIONS_SHOWN_MAX + 1];
    if (parser->argc < 2) {
        return options_bad(&parser->message, "a command is needed, such as scan");
    }
    const char *word = parser->argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        return OPTIONS_SHOW_HELP;
    }
    if (strcmp(word, "--version") == 0) {
        return OPTIONS_SHOW_VERSION;
    }
    if (word[0] == '-') {
        return options_bad(&parser->message, "the command comes first, before \"%s\"",
                           options_shown(word, buffer));
    }
    for (size_t i = 0; i < OPTION_COMMAND_COUNT; i++) {
        if (strcmp(OPTION_COMMANDS[i].name, word) == 0) {
            parser->message.command = &OPTION_COMMANDS[i];
        }
    }
    if (parser->message.command == NULL) {
        return unknown_command(parser, word);
    }
    return parser->message.command->is_unavailable
               ? options_bad(&parser->message, "%s is not available in this version",
                             word)
               : OPTIONS_GO;
}

enum options_result options_parse(struct options *options, int argc, char **argv,
                                  FILE *err)
{
    struct parser parser = {
        .options = options, .message = {.err = err}, .argc = argc, .argv = argv};
    *options = (struct options){.command = COMMAND_NONE};
    enum options_result result = take_command(&parser);
    if (result != OPTIONS_GO) {
        return result;
    }
    assert(parser.message.command != NULL);
    parser.next = 2;
    options->command = parser.message.command->command;
    options->operands = argv + 2;
    result = set_defaults(&parser);
    if (result == OPTIONS_GO) {
        result = take_words(&parser);
    }
    return result == OPTIONS_GO ? finish(&parser) : result;
}
