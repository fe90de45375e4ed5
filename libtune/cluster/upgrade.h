/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the planner of upgrades is made of.  Images: the few CPUs that all guests see and all nodes give, each with a
 * number, so that the gate's rule is asked once for each pair.  Rows: the lines of the plan.
 */
#ifndef TUNE_UPGRADE_H
#define TUNE_UPGRADE_H

#include <libtune/tune-cluster.h>

/** No image: what is unknown. */
#define TUNE_NO_IMAGE (-1)

typedef struct TuneImages TuneImages;

TuneImages *tune_images_new(const TuneCpuPolicy *policy);
void tune_images_free(TuneImages *images);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneImages, tune_images_free)

/** tune_images_add_record: the number of what a node gives; borrowed.  Records are added before guests. */
gint tune_images_add_record(TuneImages *images, const TuneCpu *record);

/**
 * tune_images_add_guest: the number of what a guest sees, to which its waivers belong.
 *
 * @sees: NULL when it is not known; @tags: of the instance; @is_free: the gate does not check it, whatever its tags say
 */
gint tune_images_add_guest(TuneImages *images, const TuneCpu *sees, char *const *tags,
			   gboolean is_free);

/** tune_images_judge: tune_gate_predict() of them; a guest that the gate does not check may go anywhere. */
TuneCpuVerdict tune_images_judge(TuneImages *images, gint guest, gint record);

/** tune_images_move: what the guest sees after a migration to a node that gives @record. */
gint tune_images_move(TuneImages *images, gint guest, gint record);

/** tune_images_explain: why the guest cannot go there: "lost:rtm"; free it. */
char *tune_images_explain(const TuneImages *images, gint guest, gint record);

/** tune_upgrade_rows_new: an array of TuneUpgradeRow that owns them; unref it. */
GPtrArray *tune_upgrade_rows_new(void);

/** tune_upgrade_add: add a row without counts; @what is taken over. */
TuneUpgradeRow *tune_upgrade_add(GPtrArray *rows, TuneUpgradeKind kind, const char *object,
				 char *what);

/**
 * tune_upgrade_add_freeze: add to @freeze the commands that keep guests from seeing, before the last node is upgraded, what
 * only upgraded nodes give, and to @lift those that take this back.  Nothing where all nodes are alike, or where a node's
 * future is not known.
 */
void tune_upgrade_add_freeze(GPtrArray *freeze, GPtrArray *lift, const TuneUpgradeState *state);

#endif
