// SPDX-License-Identifier: Apache-2.0
// What Glibc's module map leaves out, and macros that Swift cannot see. Includes and one-line
// wrappers only: no logic lives here.
#pragma once

// recvmmsg and its like are GNU's. Not by _GNU_SOURCE: that also renames the fields of fd_set, and the compiler, which
// sees fd_set in Glibc's own module as well, then refuses both (or not, depending on what it reads first).
#include <features.h>
#ifndef __USE_GNU
#define __USE_GNU 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static inline int plait_tunsetiff(int fd, struct ifreq *request) { return ioctl(fd, TUNSETIFF, request); }
static inline int plait_interface_index(int fd, struct ifreq *request) { return ioctl(fd, SIOCGIFINDEX, request); }
static inline int plait_set_queue_length(int fd, struct ifreq *request) { return ioctl(fd, SIOCSIFTXQLEN, request); }
static inline const char *plait_error_text(int number) { return strerrordesc_np(number); }
static inline int plait_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
