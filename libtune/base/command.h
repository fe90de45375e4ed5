/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A command of the host at work: two pipes and a pidfd, and one poll(2) for as many as there are.  See run.c for
 * what can be asked of it.
 */
#ifndef TUNE_JOB_H
#define TUNE_JOB_H

#include <poll.h>

#include <libtune/tune.h>

/** Where a command's complaints go. */
typedef enum {
	TUNE_ERRORS_DROPPED,
	TUNE_ERRORS_IN_ANSWER,
	TUNE_ERRORS_KEPT,
} TuneErrors;

enum { TUNE_JOB_OUT, TUNE_JOB_ERR, TUNE_JOB_EXIT, TUNE_JOB_N_FDS };

/**
 * @fds: its two outputs and its end, to be polled; -1 once that is over
 * @texts: what the outputs have said
 * @log: gets a copy of that, or -1
 * @status: it ended with; -1 when it did not end by itself
 * @error: NULL when it ended well
 */
typedef struct {
	const char *name;
	GPid pid;
	int fds[TUNE_JOB_N_FDS];
	GString *texts[TUNE_JOB_EXIT];
	gsize largest; /* bytes that it may say */
	int log;
	gint64 deadline;
	int status;
	GError *error;
} TuneJob;

/** Its deadline begins now. */
void tune_job_init(TuneJob *job, const TuneCommand *command);

/** FALSE with @job's error when it could not be started. */
gboolean tune_job_start(TuneJob *job, TuneRoot *root, const TuneCommand *command,
			TuneErrors errors);

/**
 * One turn for all of @jobs: wait until one of them has something to say or ends, or for the next deadline.
 *
 * @fds: room for TUNE_JOB_N_FDS of each.  FALSE when all are over.
 */
gboolean tune_jobs_serve(TuneJob *jobs, guint n_jobs, struct pollfd *fds);

/** What is still there of it dies now. */
void tune_job_clear(TuneJob *job);

#endif
