/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of what was there before we wrote: one line a write, on disk before the write.
 * It counts since the last boot, because a boot forgets what was written to the kernel.
 */
#ifndef TUNE_JOURNAL_H
#define TUNE_JOURNAL_H

#include <libtune/tuning/plan.h>
#include <libtune/tune-tuning.h>

#define TUNE_JOURNAL_DIRECTORY "run/ganeti-tune"
#define TUNE_JOURNAL_FILE TUNE_JOURNAL_DIRECTORY "/journal"
#define TUNE_JOURNAL_LOCK TUNE_JOURNAL_DIRECTORY "/lock"

/**
 * @TUNE_RECORD_WRITE: @old stood at @path, @new is about to be written
 * @TUNE_RECORD_SIBLING: @old stood at @path, and the write to path @new may reset it
 * @TUNE_RECORD_KEPT: @new is what read back at @path after a write to it, or to what resets it
 */
typedef enum {
	TUNE_RECORD_WRITE = 'W',
	TUNE_RECORD_SIBLING = 'S',
	TUNE_RECORD_KEPT = 'K',
} TuneRecordKind;

/** @time: seconds since the epoch; @object: NULL where it is the host; @identity: tune_object_identify() */
typedef struct {
	TuneRecordKind kind;
	gint64 time;
	const TuneParam *param;
	char *key;
	char *object;
	char *identity;
	char *path;
	char *old;
	char *new;
} TuneRecord;

typedef struct TuneJournal TuneJournal;

/** The right to write to this host, until the descriptor is closed; -1 when it is not had in @wait_ms. */
int tune_journal_lock(TuneRoot *root, guint wait_ms, GError **error);

/** For writing; what another boot left behind is dropped.  Hold the lock. */
TuneJournal *tune_journal_open(TuneRoot *root, GError **error);
void tune_journal_close(TuneJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneJournal, tune_journal_close)

/** Put on disk what @step will overwrite, and what the kernel may reset along with it. */
gboolean tune_journal_note_write(TuneJournal *journal, const TunePlan *plan, const Step *step,
				 GError **error);

/** Note what read back, also of what the kernel may have reset; only the newest of these may be lost, and then the write counts as ours. */
void tune_journal_note_kept(TuneJournal *journal, const TunePlan *plan, const Step *step);

/** The records of this boot, oldest first; a last line that was cut off belongs to no write. */
GPtrArray *tune_journal_load(TuneRoot *root, GError **error);

/** Forget all of it. */
gboolean tune_journal_remove(TuneRoot *root, GError **error);

#endif
