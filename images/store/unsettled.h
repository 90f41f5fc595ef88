// SPDX-License-Identifier: Apache-2.0
/*
 * Layers that are complete but perhaps not yet on the disk. Waiting for the disk would hold up every
 * container; so a layer gets its name at once, and before that a marker, layers/.unsettled-CHAIN-HEX,
 * with the kernel's boot ID in it. The file system keeps the order of names: where the layer's name is
 * after a power cut, there is the marker. When everything has been written out the markers go. One
 * that another boot left means that its layer may have holes: it is removed before it is used.
 */
#ifndef BERTH_IMAGES_STORE_UNSETTLED_H
#define BERTH_IMAGES_STORE_UNSETTLED_H

#include "images/store/store.h"

/* To be called before the layer gets its name. */
int unsettled_mark(const struct store *store, const struct digest *chain, struct error *err);
/* Removes layers that another boot left unsettled. The lock is held. */
int unsettled_discard(const struct store *store, struct error *err);
/* Waits until everything is on the disk and removes the markers. */
int unsettled_settle(const char *store_path, struct error *err);
/* Does that in a child that nobody waits for; it holds the store's lock until it ends. */
void unsettled_settle_behind(const struct store *store);

#endif
