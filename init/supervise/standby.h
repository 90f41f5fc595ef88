// SPDX-License-Identifier: Apache-2.0
/*
 * A container that is made before its time, while it waits for another service or to be started
 * again: everything but its program is there, and a start only tells it to go (container_create()).
 * One that fails is forgotten, without a word: the start makes it anew and says what is wrong.
 */
#ifndef BERTH_INIT_SUPERVISE_STANDBY_H
#define BERTH_INIT_SUPERVISE_STANDBY_H

#include "init/supervise/instance.h"
#include "runtime/spec.h"

/* Whether nobody sees or changes the container while it waits: it shares no processes with others, and
 * asks for nothing of its parent. */
bool standby_suits(const struct container_spec *spec);

/* Whether the machine has memory to spare. */
bool standby_affordable(void);

/* Its process has said something, or is gone. */
void standby_hear(struct instance *instance);

/* Tells it to go; from then on it is a start like any other. When it is lost, its end is still to come. */
void standby_go(struct instance *instance);

/* Its process may have written the old settings of the resolver over new ones. */
void standby_renew_resolver(struct instance *instance);

/* Nobody is told of its end: what there is of it goes. */
void standby_abandon(struct instance *instance);

/* It is not wanted any more. */
void standby_drop(struct instance *instance);

/* Its process has ended. */
void standby_clean(struct instance *instance);

#endif
