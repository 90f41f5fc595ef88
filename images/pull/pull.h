// SPDX-License-Identifier: Apache-2.0
/*
 * Pulling an image: reference in, root filesystem and image configuration out. One process, the
 * puller, coordinates; every byte from outside is touched only in the confined workers it forks:
 *
 *   resolver        HTTP(S), TLS, challenges, manifest and config JSON, unpacked sizes  (uid 901)
 *   layer workers   fetch → SHA-256 → inflate → SHA-256 → pipe, one per layer, up to 4 at once (uid 901)
 *   applier         one per layer, in order: tar from its pipe into the layer's partial directory
 *
 * A layer becomes visible under its final name only after its digests and size matched (rename), and
 * the image with the record that is written last.
 */
#ifndef BERTH_IMAGES_PULL_PULL_H
#define BERTH_IMAGES_PULL_PULL_H

#include "images/digest.h"
#include "lib/arena.h"
#include "lib/error.h"
#include "lib/frame.h"

#include <stdbool.h>
#include <stdint.h>

enum { PULL_TEXT = 256, PULL_LAYOUTS_MAX = 32, PULL_DATE_MAX = PULL_TEXT + 64 };

struct registry_option {
	const char *host;    /* "localhost:5000", as the user typed it in the reference */
	bool insecure;       /* TLS is not verified, and plain HTTP is tried when TLS does not answer */
	const char *connect; /* "10.0.2.2:5000": dial this instead; name, Host and SNI stay; or NULL */
};

/* Whether a reference without a digest is asked for again although an image was stored for it. */
enum pull_policy {
	PULL_LAST_GOOD, /* asked for; what was stored last is used when there is no answer */
	PULL_ALWAYS,    /* asked for; no answer is a failure */
	PULL_MISSING,   /* not asked for */
	PULL_NEVER,     /* not asked for, nor is one that is not here */
};

struct pull_request {
	const char *reference;                   /* as the user wrote it */
	const char *store;                       /* directory of the image store, on one filesystem */
	struct string_list layouts;              /* places (images/layouts/layout.h), in the order to ask */
	bool local_only;                         /* there is no network yet, or none at all */
	enum pull_policy policy;
	bool last_resort;                        /* nobody has answered: only what is stored */
	const char *passed;                      /* what an earlier attempt found in the folders and files
	                                            among the places, which are then left out; or NULL */
	const struct registry_option *registries;
	size_t registry_count;
	const char *ca_bundle;                   /* PEM file */
	const char *credentials;                 /* a Docker config.json file ("auths"), or NULL */
	const char *https_proxy, *http_proxy;    /* URLs for addresses of both kinds, or NULL; the */
	const char *no_proxy;                    /* settings go before. Names that need none, or NULL */
	const char *settings;                    /* a file as images/settings.h describes, or NULL */
	const char *architecture, *variant;      /* "amd64", "v2"; a variant of NULL: that
						  * of the processor this runs on */
	unsigned deadline_seconds;               /* for all of it; 0: none */
	bool clock_is_floor;                     /* the clock may be far behind (docs/time.md) */
	bool plan;                               /* only find out: PULL_PLAN, nothing is fetched */
	bool one_tree;                           /* all layers in one tree, not one each */
	const struct digest *keep;               /* manifests of images in use: never removed */
	size_t keep_count;
	bool strict;                             /* confinement must be complete (in the machine) */
};

/* Frames from the puller to its parent. */
enum pull_frame {
	PULL_PROGRESS = 1, /* struct pull_progress */
	PULL_RESULT,       /* struct pull_result; the last frame of a success */
	PULL_FAILURE,      /* u64 temporary, string text; the last frame of a failure */
	PULL_PLAN,         /* struct pull_plan (images/pull/plan.h); the last frame of a plan */
	PULL_DATE,         /* struct pull_date, once, when the clock is a floor */
};

struct pull_progress {
	uint64_t bytes, bytes_total;   /* compressed bytes received, and to receive */
	uint64_t layers, layers_total; /* layers fully applied */
};

/* What a server says in its answer over TLS of the time. */
struct pull_date {
	uint64_t seconds; /* since 1970 */
	char host[PULL_TEXT];
};

/* How it is found out whether a container is healthy, with Docker's meanings. An empty list and 0:
 * nothing is said. */
struct health_config {
	struct string_list test; /* "NONE"; "CMD" and words; "CMD-SHELL" and one text; others are in
				  * init/config/health.h */
	uint64_t interval_ms, timeout_ms, start_period_ms, start_interval_ms;
	uint64_t retries;
	/* What an image never says. The first test comes after `delay_ms` instead of an interval; so many
	 * good tests in a row (0: one) make it healthy. */
	uint64_t delay_ms, successes;
};

/* 400 days: the longest of those times. */
#define HEALTH_LONGEST_MS (400 * 86400 * UINT64_C(1000))
#define HEALTH_RETRIES_MAX UINT64_C(1000000)

/* What the image asks for; only these settings of an image configuration are ever used. */
struct image_config {
	char *user, *working_dir, *stop_signal;
	struct string_list entrypoint, cmd, env, exposed_ports, volumes;
	struct string_list shell; /* for "CMD-SHELL" of `health`; empty: /bin/sh -c */
	struct health_config health;
};

struct pull_result {
	char *reference;  /* normalised: docker.io/library/nginx:latest */
	char *digest;     /* of the manifest that was chosen, "sha256:…" */
	char *platform;   /* "linux/amd64" */
	char *source;     /* "registry localhost:5000", "layout /berth/images/x", "store" */
	char *passed;     /* "/berth/images: no such image; …": why what comes before it was not used */
	struct string_list layers; /* absolute paths, lowest first: one whole tree, or the lower
	                              directories of an overlay mount; read-only from now on */
	uint64_t bytes;   /* compressed bytes fetched */
	uint64_t unpacked_bytes;
	struct image_config config;
};

/* The body of the puller process. Sends frames on report_fd; returns the exit status (0 on success).
 * Removes what it left half-done. May be killed at any time; the next pull of the image cleans up. */
int pull_main(const struct pull_request *request, int report_fd);

/* Decoders for the parent; strings live in `arena`. -1 when the frame is not well-formed. */
/* `storage` has PULL_DATE_MAX bytes. */
void pull_encode_date(struct frame *frame, void *storage, uint8_t type,
		      const struct pull_date *date);
int pull_decode_date(struct frame *frame, struct pull_date *out, struct error *err);
int pull_decode_progress(struct frame *frame, struct pull_progress *out, struct error *err);
int pull_decode_result(struct frame *frame, struct arena *arena, struct pull_result *out,
		       struct error *err);
int pull_decode_failure(struct frame *frame, struct error *out, struct error *err);

#endif
