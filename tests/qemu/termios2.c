/* Serial ports for programs in qemu-user, which does not know the requests with which Linux sets
 * any baud rate (TCGETS2, TCSETS2): they become the old ones, and the rate is only remembered. That
 * does for a pseudo terminal, which has none.
 *
 * Loaded with LD_PRELOAD into the emulated program.
 */
#define _GNU_SOURCE
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <dlfcn.h>
#include <linux/ioctl.h>
#include <stdarg.h>
#include <string.h>

typedef int (*ioctl_like)(int, unsigned long, ...);

static speed_t input = 38400, output = 38400;

/* Both structures begin alike; the new one has the rates behind. */
static int get(ioctl_like next, int fd, struct termios2 *to) {
  struct termios old;
  int result = next(fd, TCGETS, &old);
  if (result) return result;
  memcpy(to, &old, sizeof old < sizeof *to ? sizeof old : sizeof *to);
  to->c_cflag = (to->c_cflag & ~CBAUD) | BOTHER;
  to->c_ispeed = input;
  to->c_ospeed = output;
  return 0;
}

static int set(ioctl_like next, int fd, unsigned long request, const struct termios2 *from) {
  struct termios old;
  memcpy(&old, from, sizeof old < sizeof *from ? sizeof old : sizeof *from);
  old.c_cflag = (old.c_cflag & ~CBAUD) | B38400;
  int result = next(fd, request - TCSETS2 + TCSETS, &old);
  if (result) return result;
  input = from->c_ispeed;
  output = from->c_ospeed;
  return 0;
}

int ioctl(int fd, unsigned long request, ...) {
  static ioctl_like next;
  if (!next) next = (ioctl_like)dlsym(RTLD_NEXT, "ioctl");
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  switch (request) {
    case TCGETS2: return get(next, fd, argument);
    case TCSETS2: case TCSETSW2: case TCSETSF2: return set(next, fd, request, argument);
    default: return next(fd, request, argument);
  }
}
