/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU images as people name them: "host", "instance NAME" or "instance:NAME", "qemu SOCKET" or
 * "qemu:SOCKET", the name of a node that has a published record, or a file.
 */
#ifndef GNT_TUNE_IMAGE_H
#define GNT_TUNE_IMAGE_H

#include "gnt-tune/gnt-tune.h"

/** @name: for tables: of a file without directory and ".cpuid" or ".yaml" */
typedef struct {
	char *name;
	TuneCpu *cpu;
} Image;

/** The image that the next one or two of @words name; @words is moved behind them. */
Image *image_load(const Options *options, TuneRoot *root, char ***words, GError **error);
void image_free(Image *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Image, image_free)

/** All that @words name, array of Image; fails with the first that cannot be had. */
GPtrArray *images_load(const Options *options, TuneRoot *root, char **words, GError **error);

/**
 * The published records, array of Image.  Those that cannot be read are said and left out, and counted in
 * @ret_n_bad.  Fails when there are none.
 */
GPtrArray *images_load_published(TuneRoot *root, guint *ret_n_bad, GError **error);

#endif
