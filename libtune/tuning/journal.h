/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The journal: the values that our writes have replaced, one line for each write, on disk before the write.
 * It is valid until the next boot, because then the kernel forgets what was written to it.
 */
#ifndef TUNE_JOURNAL_H
#define TUNE_JOURNAL_H

#include <libtune/tuning/plan.h>
#include <libtune/tune-tuning.h>

#define TUNE_JOURNAL_DIRECTORY "run/ganeti-tune"
#define TUNE_JOURNAL_FILE TUNE_JOURNAL_DIRECTORY "/journal"
#define TUNE_JOURNAL_LOCK TUNE_JOURNAL_DIRECTORY "/lock"

/**
 * @TUNE_RECORD_WRITE: @new is about to replace @old at @path
 * @TUNE_RECORD_SIBLING: @path has @old, and the write to path @new may reset it
 * @TUNE_RECORD_KEPT: @new was read back at @path after a write to it, or to a path that resets it
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

/** tune_journal_lock: wait up to @wait_ms for the right to write to this host; hold it until the descriptor is closed. */
int tune_journal_lock(TuneRoot *root, guint wait_ms, GError **error);

/** tune_journal_open: for writing; records of an earlier boot are dropped.  Hold the lock. */
TuneJournal *tune_journal_open(TuneRoot *root, GError **error);
void tune_journal_close(TuneJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneJournal, tune_journal_close)

/**
 * tune_journal_note_write: record on disk the value that @step will replace, and those that the kernel may reset with
 * it.
 */
gboolean tune_journal_note_write(TuneJournal *journal, const TunePlan *plan, const Step *step,
				 GError **error);

/**
 * tune_journal_note_kept: record the values that were read back, also those that the kernel may have reset.  When the
 * last of these records is lost in a crash, the value that is found later counts as ours.
 */
void tune_journal_note_kept(TuneJournal *journal, const TunePlan *plan, const Step *step);

/**
 * tune_journal_load: the records of this boot, oldest first; an incomplete last line is ignored, as no write
 * followed.
 */
GPtrArray *tune_journal_load(TuneRoot *root, GError **error);

/** tune_journal_remove: remove the journal. */
gboolean tune_journal_remove(TuneRoot *root, GError **error);

#endif
