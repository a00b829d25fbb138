#include "scanner/options_table.h"

#include <string.h>

#define COLUMNS 80
#define TEXT_COLUMN 32

/* Words behind one another from column on, new lines beginning at indent; returns the
 * column. */
static int print_words(FILE *out, const char *text, int column, int indent)
{
    while (*text != '\0') {
        int len = (int)strcspn(text, " ");
        if (column + 1 + len > COLUMNS && column > indent) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", len, text);
        column += len;
        text += len + (text[len] == ' ' ? 1 : 0);
    }
    return column;
}

static void print_default(FILE *out, const struct option *option, int column)
{
    char text[160];
    const char *value =
        option->default_note != NULL ? option->default_note : option->default_value;
    if (value != NULL) {
        snprintf(text, sizeof text, "(default: %s)", value);
        print_words(out, text, column, TEXT_COLUMN);
    }
}

static void print_option(FILE *out, const struct option *option)
{
    char short_name[8] = "    ";
    if (option->short_name != 0) {
        snprintf(short_name, sizeof short_name, "-%c, ", option->short_name);
    }
    int column = fprintf(out, "  %s--%s%s%s", short_name, option->name,
                         option->argument != NULL ? " " : "",
                         option->argument != NULL ? option->argument : "");
    if (column + 2 > TEXT_COLUMN) {
        fputc('\n', out);
        column = 0;
    }
    fprintf(out, "%*s", TEXT_COLUMN - column, "");
    column = print_words(out, option->help, TEXT_COLUMN, TEXT_COLUMN);
    print_default(out, option, column);
    fputc('\n', out);
}

static bool is_shown(const struct option *option, enum command command)
{
    return (option->commands & command) != 0 && !option->is_unavailable;
}

static void print_group(FILE *out, enum option_group group, enum command command)
{
    bool has_title = false;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (OPTIONS[i].group != group || !is_shown(&OPTIONS[i], command)) {
            continue;
        }
        if (!has_title) {
            fprintf(out, "\n%s:\n", OPTION_GROUPS[group]);
            has_title = true;
        }
        print_option(out, &OPTIONS[i]);
    }
}

static void print_command(FILE *out, const struct option_command *command)
{
    fprintf(out, "Usage: mailcensus %s [flags]%s%s\n\n", command->name,
            command->operand[0] != '\0' ? " " : "", command->operand);
    fprintf(out, "%s\n", command->summary);
    for (int group = 0; group < GROUP_COUNT; group++) {
        print_group(out, (enum option_group)group, command->command);
    }
    if (command->examples != NULL) {
        fprintf(out, "\nExamples:\n%s", command->examples);
    }
}

static void print_program(FILE *out)
{
    fputs("Usage: mailcensus COMMAND [flags] ...\n\n"
          "How domains publish mail security: MX, SPF, DMARC, MTA-STS and TLS "
          "reporting.\n\n"
          "Commands:\n",
          out);
    for (size_t i = 0; i < OPTION_COMMAND_COUNT; i++) {
        if (!OPTION_COMMANDS[i].is_unavailable) {
            fprintf(out, "  %-12s %s\n", OPTION_COMMANDS[i].name,
                    OPTION_COMMANDS[i].summary);
        }
    }
    fputs(
        "\n"
        "  mailcensus COMMAND --help    Explain one command.\n"
        "  mailcensus --version         Print the versions in use.\n\n"
        "Exit status: 0 complete, 1 failed, 2 wrong usage, 75 interrupted (--resume).\n",
        out);
}

void options_help(FILE *out, enum command command)
{
    for (size_t i = 0; i < OPTION_COMMAND_COUNT; i++) {
        if (OPTION_COMMANDS[i].command == command) {
            print_command(out, &OPTION_COMMANDS[i]);
            return;
        }
    }
    print_program(out);
}
