// SPDX-License-Identifier: Apache-2.0
#ifndef PLAIT_COUNTED_ALLOCATIONS_H
#define PLAIT_COUNTED_ALLOCATIONS_H

#include <stdint.h>

/// How often this process has asked for heap memory, in whatever way, since it started.
uint64_t plait_allocations(void);

#endif
