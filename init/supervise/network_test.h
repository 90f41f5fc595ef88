// SPDX-License-Identifier: Apache-2.0
/* A test of a container that asks it over the network, as a client would. */
#ifndef BERTH_INIT_SUPERVISE_NETWORK_TEST_H
#define BERTH_INIT_SUPERVISE_NETWORK_TEST_H

#include "init/config/health.h"
#include "init/supervise/probe_result.h"

/* Confines this process, asks, and fills the result. `address` stands for one that the test does
 * not say. `alive` is called at least once a second, and may end the process. */
void network_test(const struct test *test, const char *address, uint64_t timeout_ms,
		  void (*alive)(void *context), void *context, struct probe_result *out);

/* The question alone; over a socket that is connected already when there is one, which is closed
 * then. */
void network_ask(const struct test *test, const char *address, uint64_t timeout_ms, int connected,
		 void (*alive)(void *context), void *context, struct probe_result *out);

#endif
