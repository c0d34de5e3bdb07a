/* A spidev that is a simulated module, and a GPIO chip with its other lines, for programs that know
 * nothing of it.
 *
 * Loaded with LD_PRELOAD. Opening the path DEKU_SPIDEV or DEKU_GPIOCHIP connects to the socket
 * DEKU_SPIDEV_SOCKET (`@name`: in the abstract name space) instead; what is then asked of the
 * descriptor goes there as it is. This file only carries bytes: what they mean is in sim/src/spidev/. Everything else passes
 * through.
 *
 * A request is {u32 code, u32 length, bytes}, a reply {i32 result or -errno, u32 length, bytes}, in
 * the byte order of the computer. The code is that of the ioctl, or one of the enum below. What a
 * GPIO line tells by itself is a struct gpio_v2_line_event whose first word is EVENT.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/gpio.h>
#include <linux/ioctl.h>
#include <linux/spi/spidev.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

enum { DO_READ = 1, DO_WRITE = 2, DO_LOCK = 3 };

/* No result is as large. */
#define EVENT 0x7EDC0DE0
#define GPIO_MAGIC 0xB4

/* More than any bufsiz. */
#define MOST_BYTES (1u << 20)
/* Descriptors below this can be read from and written to; ioctl and flock know no limit. */
#define MOST_DESCRIPTORS 4096
/* Of spidev, see Documentation/admin-guide/devices.txt. */
#define SPIDEV_MAJOR 153

/* The function that would have been called without this file. */
#define NEXT(name) \
  static __typeof__(&name) next; \
  if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static const char *node, *chip;
static struct sockaddr_un address;
static socklen_t address_length;
static char opened[MOST_DESCRIPTORS];
static pthread_mutex_t in_turn = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("DEKU_SPIDEV"), *name = getenv("DEKU_SPIDEV_SOCKET");
  if (!path || !name || !*name || strlen(name) >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  strcpy(address.sun_path, name);
  address_length = offsetof(struct sockaddr_un, sun_path) + strlen(name);
  if (*name == '@')
    address.sun_path[0] = 0;
  else
    address_length++;
  node = path;
  chip = getenv("DEKU_GPIOCHIP");
}

/* ---- the connection ---- */

static int connected(void) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (connect(fd, (struct sockaddr *)&address, address_length) == 0) return fd;
  close(fd);
  errno = ENOENT; /* as if unplugged */
  return -1;
}

/* Asks the descriptor itself, so that copies of it count and a number used again does not. */
static int is_ours(int fd) {
  if (!node) return 0;
  struct sockaddr_un peer;
  socklen_t length = sizeof peer;
  int before = errno;
  int same = getpeername(fd, (struct sockaddr *)&peer, &length) == 0 && length == address_length &&
             memcmp(&peer, &address, length) == 0;
  errno = before;
  return same;
}

static int send_all(int fd, const void *data, size_t length, int more) {
  for (const char *at = data; length > 0;) {
    ssize_t n = send(fd, at, length, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    at += n, length -= (size_t)n;
  }
  return 0;
}

static int receive_all(int fd, void *data, size_t length) {
  for (char *at = data; length > 0;) {
    ssize_t n = recv(fd, at, length, MSG_WAITALL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    at += n, length -= (size_t)n;
  }
  return 0;
}

/* Sends `out` and receives exactly `in_length` bytes if it succeeds; the result, or -1 and errno. */
static int ask(int fd, uint32_t code, const void *out, uint32_t out_length, void *in,
               uint32_t in_length) {
  uint32_t request[2] = {code, out_length};
  struct { int32_t result; uint32_t length; } reply;
  pthread_mutex_lock(&in_turn);
  int gone = send_all(fd, request, sizeof request, out_length > 0) ||
             send_all(fd, out, out_length, 0) || receive_all(fd, &reply, sizeof reply);
  while (!gone && reply.result == EVENT) {
    /* It came too late: whoever has waited for it asks for the level now. */
    char event[sizeof(struct gpio_v2_line_event) - sizeof reply];
    gone = receive_all(fd, event, sizeof event) || receive_all(fd, &reply, sizeof reply);
  }
  if (!gone && reply.length > 0) gone = reply.length != in_length || receive_all(fd, in, in_length);
  pthread_mutex_unlock(&in_turn);
  if (gone) reply.result = -ESHUTDOWN; /* as a controller that was unbound */
  if (reply.result >= 0) return reply.result;
  errno = -reply.result;
  return -1;
}

/* ---- what can be done with it ---- */

/* Transfers go out as they are, with the bytes to send behind them; the bytes received come back
 * in the same order, those nobody asked for left out. */
static int message(int fd, unsigned long code, struct spi_ioc_transfer *transfers) {
  size_t size = _IOC_SIZE(code), count = size / sizeof *transfers, sent = size, received = 0;
  for (size_t i = 0; i < count; i++) {
    if (transfers[i].len > MOST_BYTES || sent > MOST_BYTES) {
      errno = EMSGSIZE;
      return -1;
    }
    if (transfers[i].tx_buf) sent += transfers[i].len;
    if (transfers[i].rx_buf) received += transfers[i].len;
  }
  char *bytes = malloc(sent + received + 1), *out = bytes + size, *in = bytes + sent;
  if (!bytes) return -1;
  memcpy(bytes, transfers, size);
  for (size_t i = 0; i < count; i++) {
    if (!transfers[i].tx_buf) continue;
    memcpy(out, (void *)(uintptr_t)transfers[i].tx_buf, transfers[i].len);
    out += transfers[i].len;
  }
  int result = ask(fd, (uint32_t)code, bytes, (uint32_t)sent, in, (uint32_t)received);
  for (size_t i = 0; i < count && result >= 0; i++) {
    if (!transfers[i].rx_buf) continue;
    memcpy((void *)(uintptr_t)transfers[i].rx_buf, in, transfers[i].len);
    in += transfers[i].len;
  }
  free(bytes);
  return result;
}

/* A line that is asked for gets a connection of its own. */
static int gpio(int fd, unsigned long code, void *argument) {
  uint32_t size = _IOC_SIZE(code), sent = _IOC_DIR(code) & _IOC_WRITE ? size : 0;
  if (code != GPIO_V2_GET_LINE_IOCTL) {
    return ask(fd, (uint32_t)code, argument, sent, argument, size);
  }
  int line = connected();
  if (line < 0) return -1;
  if (ask(line, (uint32_t)code, argument, size, NULL, 0) < 0) {
    int why = errno;
    close(line);
    errno = why;
    return -1;
  }
  if (line < MOST_DESCRIPTORS) opened[line] = 0; /* what is read are events */
  ((struct gpio_v2_line_request *)argument)->fd = line;
  return 0;
}

int ioctl(int fd, unsigned long code, ...) {
  NEXT(ioctl);
  va_list rest;
  va_start(rest, code);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  if (!is_ours(fd)) return next(fd, code, argument);
  if (_IOC_TYPE(code) == GPIO_MAGIC) return gpio(fd, code, argument);
  if (_IOC_TYPE(code) != SPI_IOC_MAGIC) {
    errno = ENOTTY;
    return -1;
  }
  if (_IOC_NR(code) == 0) return message(fd, code, argument);
  uint32_t size = _IOC_SIZE(code);
  if (_IOC_DIR(code) & _IOC_WRITE) return ask(fd, (uint32_t)code, argument, size, NULL, 0);
  return ask(fd, (uint32_t)code, NULL, 0, argument, size);
}

static int is_opened(int fd) { return fd >= 0 && fd < MOST_DESCRIPTORS && opened[fd] && is_ours(fd); }

ssize_t read(int fd, void *bytes, size_t length) {
  NEXT(read);
  if (!is_opened(fd)) return next(fd, bytes, length);
  uint32_t wanted = length > MOST_BYTES ? MOST_BYTES : (uint32_t)length;
  return ask(fd, DO_READ, &wanted, sizeof wanted, bytes, wanted);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  NEXT(write);
  if (!is_opened(fd)) return next(fd, bytes, length);
  if (length > MOST_BYTES) {
    errno = EMSGSIZE;
    return -1;
  }
  return ask(fd, DO_WRITE, bytes, (uint32_t)length, NULL, 0);
}

/* A socket has its own lock for each connection: the lock of the node is kept at the other end. */
int flock(int fd, int operation) {
  NEXT(flock);
  if (!is_ours(fd)) return next(fd, operation);
  int32_t what = operation;
  return ask(fd, DO_LOCK, &what, sizeof what, NULL, 0);
}

/* ---- opening it and looking at it ---- */

/* Some programs ask about a null path, to see whether a call works. The headers promise that nobody
 * does, so without volatile the check would be optimised away. */
static int is_node(const char *path) {
  const char *volatile given = path;
  if (!node || !given) return 0;
  return strcmp(given, node) == 0 || (chip && strcmp(given, chip) == 0);
}

static int open_node(int flags) {
  int fd = connected();
  if (fd < 0) return fd;
  if (!(flags & O_CLOEXEC)) fcntl(fd, F_SETFD, 0);
  if (fd < MOST_DESCRIPTORS) opened[fd] = 1;
  return fd;
}

static int mode_of(int flags, va_list rest) {
  return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, int) : 0;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    NEXT(name); \
    va_list rest; \
    va_start(rest, flags); \
    int mode = mode_of(flags, rest); \
    va_end(rest); \
    return is_node(path) ? open_node(flags) : next(path, flags, mode); \
  }
#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    NEXT(name); \
    va_list rest; \
    va_start(rest, flags); \
    int mode = mode_of(flags, rest); \
    va_end(rest); \
    return is_node(path) ? open_node(flags) : next(folder, path, flags, mode); \
  }
OPEN(open)
OPENAT(openat)

/* The node is there while somebody answers. */
static int is_missing(void) {
  int fd = connected();
  if (fd >= 0) close(fd);
  return fd < 0;
}

/* What is asked about the node is asked about this one, which is a character device, too. */
static const char stand_in[] = "/dev/null";

char *realpath(const char *restrict path, char *restrict resolved) {
  NEXT(realpath);
  if (!is_node(path)) return next(path, resolved);
  if (is_missing()) return NULL;
  return resolved ? strncpy(resolved, path, PATH_MAX) : strdup(path);
}

#define ACCESS(name, parameters, asked) \
  int name parameters { \
    NEXT(name); \
    if (!is_node(path)) return next asked; \
    if (is_missing()) return -1; \
    path = stand_in; \
    return next asked; \
  }
ACCESS(access, (const char *path, int mode), (path, mode))
ACCESS(faccessat, (int folder, const char *path, int mode, int flags), (folder, path, mode, flags))

#define STAT(name, parameters, asked) \
  int name parameters { \
    NEXT(name); \
    if (!is_node(path)) return next asked; \
    if (is_missing()) return -1; \
    path = stand_in; \
    int result = next asked; \
    data->st_rdev = makedev(SPIDEV_MAJOR, 0); \
    return result; \
  }
STAT(stat, (const char *path, struct stat *data), (path, data))
STAT(lstat, (const char *path, struct stat *data), (path, data))
STAT(fstatat, (int folder, const char *path, struct stat *data, int flags),
     (folder, path, data, flags))

#ifdef __GLIBC__
/* The names for large files, and those of _FORTIFY_SOURCE. */
extern int __open_2(const char *, int), __open64_2(const char *, int);
extern int __openat_2(int, const char *, int), __openat64_2(int, const char *, int);
OPEN(open64)
OPENAT(openat64)
#define OPEN_2(name) \
  int name(const char *path, int flags) { \
    NEXT(name); \
    return is_node(path) ? open_node(flags) : next(path, flags); \
  }
#define OPENAT_2(name) \
  int name(int folder, const char *path, int flags) { \
    NEXT(name); \
    return is_node(path) ? open_node(flags) : next(folder, path, flags); \
  }
OPEN_2(__open_2)
OPEN_2(__open64_2)
OPENAT_2(__openat_2)
OPENAT_2(__openat64_2)
STAT(stat64, (const char *path, struct stat64 *data), (path, data))
STAT(lstat64, (const char *path, struct stat64 *data), (path, data))
STAT(fstatat64, (int folder, const char *path, struct stat64 *data, int flags),
     (folder, path, data, flags))

#ifdef STATX_TYPE
int statx(int folder, const char *restrict path, int flags, unsigned mask,
          struct statx *restrict data) {
  NEXT(statx);
  if (!is_node(path)) return next(folder, path, flags, mask, data);
  if (is_missing()) return -1;
  int result = next(folder, stand_in, flags, mask, data);
  data->stx_rdev_major = SPIDEV_MAJOR, data->stx_rdev_minor = 0;
  return result;
}
#endif
#endif
