/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU images as people name them: "host", "instance NAME" or "instance:NAME", "qemu SOCKET" or
 * "qemu:SOCKET", the name of a node that has a published record, or a file.
 */
#ifndef GNT_TUNE_IMAGE_H
#define GNT_TUNE_IMAGE_H

#include "gnt-tune/gnt-tune.h"

/** @name: as tables show it; a file's is without its directory, ".cpuid" and ".yaml" */
typedef struct {
	char *name;
	TuneCpu *cpu;
} Image;

/** Loads the image that the first one or two of @words name, and moves @words past them. */
Image *image_load(const Options *options, TuneRoot *root, char ***words, GError **error);
void image_free(Image *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Image, image_free)

/** Makes the records among @images the CPUs of guests that start with the cluster's machine_version, as the gate sees them. */
void images_start_as_configured(const GPtrArray *images, TuneRoot *root);

/** Loads all images that @words name: an array of Image.  Fails at the first that cannot be loaded. */
GPtrArray *images_load(const Options *options, TuneRoot *root, char **words, GError **error);

/**
 * Loads the published records: an array of Image.  A record that cannot be read is reported on standard error, left
 * out, and counted in @ret_n_bad.  Fails when there is none to return.
 */
GPtrArray *images_load_published(TuneRoot *root, guint *ret_n_bad, GError **error);

#endif
