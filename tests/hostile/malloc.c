/* Memory that runs out: preloaded into a program it makes the n-th allocation fail.
 *
 *   FAIL_ALLOCATION=N      the N-th, counted from 1 over all threads (0, unset: none)
 *   FAIL_COUNT=M           and those after it, M in all (1; 0: all)
 *   FAIL_LEAST_BYTES=B     only those of at least B bytes are counted
 *   FAIL_ONLY=NAME,…       only those asked for by a file that has one of these words in its name
 *   FAIL_EXCEPT=NAME,…     … by one that has none of them
 *   FAIL_REPORT=FILE       gets "counted N failed M", and of the first that failed the phase (start:
 *                          before there are threads; threads: in one of them; main: beside
 *                          them or after) and the stack
 *
 * Starting a thread counts as an allocation, for it needs a stack. Who asked is the nearest caller
 * outside of libc: strdup() and fopen() are their callers' doing. What the dynamic loader asks
 * for is never counted: without it there is no thread, and the C library ends the process.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAMES_MAX 48
#define FILES_MAX 128

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);
void *memalign(size_t alignment, size_t bytes);

/* A file of code in memory, and what is to be done with what it asks for. */
struct file {
    uintptr_t begin, end;
    bool is_libc, is_loader, is_counted;
};

static struct file files[FILES_MAX];
static size_t file_count;
static uint64_t first, last, least_bytes;
static int report = -1;
static atomic_bool is_ready;
static atomic_uint_fast64_t counted, failed;
static atomic_uint threads;
static _Thread_local bool is_looking;

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL && *text != '\0' ? strtoull(text, NULL, 10) : otherwise;
}

static bool has_word(const char *list, const char *name)
{
    char word[64];
    while (list != NULL && *list != '\0') {
        size_t len = strcspn(list, ",");
        snprintf(word, sizeof word, "%.*s", (int)len, list);
        if (len > 0 && strstr(name, word) != NULL) {
            return true;
        }
        list += len + (list[len] == ',');
    }
    return false;
}

static void add_file(const struct dl_phdr_info *info, const char *name)
{
    struct file *file = &files[file_count];
    const char *only = getenv("FAIL_ONLY");
    *file = (struct file){.begin = UINTPTR_MAX};
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_LOAD) {
            file->begin = begin < file->begin ? begin : file->begin;
            file->end = begin + part->p_memsz;
        }
    }
    file->is_libc = strstr(name, "/libc.so") != NULL;
    file->is_loader = strstr(name, "/ld-linux") != NULL;
    file->is_counted = !file->is_loader && (only == NULL || has_word(only, name)) &&
                       !has_word(getenv("FAIL_EXCEPT"), name);
    file_count++;
}

static int on_file(struct dl_phdr_info *info, size_t size, void *arg)
{
    char self[4096];
    (void)size;
    (void)arg;
    const char *name = info->dlpi_name;
    if (name[0] == '\0') { /* the program */
        ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
        self[len > 0 ? len : 0] = '\0';
        name = self;
    }
    if (file_count < FILES_MAX) {
        add_file(info, name);
    }
    return 0;
}

__attribute__((constructor)) static void begin(void)
{
    void *frames[1];
    is_looking = true;
    (void)backtrace(frames, 1); /* loads what it needs now */
    first = number("FAIL_ALLOCATION", 0);
    uint64_t count = number("FAIL_COUNT", 1);
    last = count == 0 ? UINT64_MAX : first + count - 1;
    least_bytes = number("FAIL_LEAST_BYTES", 0);
    if (getenv("FAIL_REPORT") != NULL) {
        report =
            open(getenv("FAIL_REPORT"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        report = report >= 0 ? fcntl(report, F_DUPFD_CLOEXEC, 900) : report;
    }
    dl_iterate_phdr(on_file, NULL);
    is_looking = false;
    atomic_store(&is_ready, true);
}

__attribute__((destructor)) static void end(void)
{
    dprintf(report, "counted %llu failed %llu\n", (unsigned long long)counted,
            (unsigned long long)failed);
}

static const struct file *file_of(const void *address)
{
    for (size_t i = 0; i < file_count; i++) {
        if ((uintptr_t)address >= files[i].begin && (uintptr_t)address < files[i].end) {
            return &files[i];
        }
    }
    return NULL;
}

/* The loader's own wherever it stands among the callers. A file that came later (dlopen) is
 * counted. */
static bool is_counted(const void *caller)
{
    void *frames[FRAMES_MAX];
    const struct file *file = file_of(caller);
    if (file == NULL || (!file->is_libc && !file->is_loader)) {
        return file == NULL || file->is_counted;
    }
    int count = backtrace(frames, FRAMES_MAX);
    const struct file *asker = NULL;
    for (int i = 2; i < count; i++) {
        file = file_of(frames[i]);
        if (file != NULL && file->is_loader) {
            return false;
        }
        asker = asker == NULL && file != NULL && !file->is_libc ? file : asker;
    }
    return asker != NULL && asker->is_counted;
}

static void tell(uint64_t number_of_it, size_t bytes)
{
    void *frames[FRAMES_MAX];
    dprintf(report, "allocation %llu of %zu bytes in %s\n",
            (unsigned long long)number_of_it, bytes,
            gettid() != getpid() ? "threads"
            : threads == 0       ? "start"
                                 : "main");
    backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), report);
}

static bool is_to_fail(size_t bytes, const void *caller)
{
    if (!atomic_load_explicit(&is_ready, memory_order_relaxed) || is_looking ||
        bytes < least_bytes) {
        return false;
    }
    is_looking = true;
    uint64_t at = is_counted(caller) ? ++counted : 0;
    bool is_due = first != 0 && at >= first && at <= last;
    if (is_due && failed++ == 0 && report >= 0) {
        tell(at, bytes);
    }
    is_looking = false;
    return is_due;
}

static void *none(void)
{
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t bytes)
{
    return is_to_fail(bytes, __builtin_return_address(0)) ? none() : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return is_to_fail(count * bytes, __builtin_return_address(0))
               ? none()
               : __libc_calloc(count, bytes);
}

void *realloc(void *block, size_t bytes)
{
    return bytes > 0 && is_to_fail(bytes, __builtin_return_address(0))
               ? none()
               : __libc_realloc(block, bytes);
}

void *reallocarray(void *block, size_t count, size_t bytes)
{
    size_t all;
    if (__builtin_mul_overflow(count, bytes, &all) ||
        (all > 0 && is_to_fail(all, __builtin_return_address(0)))) {
        return none();
    }
    return __libc_realloc(block, all);
}

void *memalign(size_t alignment, size_t bytes)
{
    return is_to_fail(bytes, __builtin_return_address(0))
               ? none()
               : __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return is_to_fail(bytes, __builtin_return_address(0))
               ? none()
               : __libc_memalign(alignment, bytes);
}

int posix_memalign(void **block, size_t alignment, size_t bytes)
{
    void *taken = is_to_fail(bytes, __builtin_return_address(0))
                      ? NULL
                      : __libc_memalign(alignment, bytes);
    if (taken != NULL) {
        *block = taken;
    }
    return taken != NULL ? 0 : ENOMEM;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *arg)
{
    static int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (next == NULL) {
        *(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
    }
    if (is_to_fail(least_bytes, __builtin_return_address(0))) {
        return EAGAIN;
    }
    threads++;
    return next(thread, attributes, run, arg);
}
