/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A running command of the host: two pipes and a pidfd; one poll(2) serves many of them.  run.c has the functions for
 * callers who want an answer; this header is for run.c, and for a program that is talked to (libtune/qemu/process.c).
 */
#ifndef TUNE_COMMAND_H
#define TUNE_COMMAND_H

#include <poll.h>

#include <libtune/tune-base.h>

/** Where a command's standard error goes. */
typedef enum {
	TUNE_ERRORS_DROPPED,
	TUNE_ERRORS_IN_ANSWER,
	TUNE_ERRORS_KEPT,
	TUNE_ERRORS_IN_FILE,
} TuneErrors;

enum { TUNE_JOB_OUT, TUNE_JOB_ERR, TUNE_JOB_EXIT, TUNE_JOB_N_FDS };

/**
 * @fds: its two outputs and its end, to be polled; each is -1 after it has ended
 * @texts: what the outputs have written
 * @log: gets a copy of that, or -1
 * @errors: where its standard error goes with TUNE_ERRORS_IN_FILE; the caller closes it
 * @is_bound: it and its children end with the thread that has started it, and with tune_command_job_clear(); so does a command
 *   with a log
 * @is_without_core: it writes no core file
 * @status: its exit status; -1 when it was killed
 * @error: NULL when it succeeded
 */
typedef struct {
	const char *name;
	GPid pid;
	int fds[TUNE_JOB_N_FDS];
	GString *texts[TUNE_JOB_EXIT];
	gsize largest; /* bytes that it may write */
	int log;
	int errors;
	gboolean is_bound;
	gboolean is_without_core;
	gint64 deadline;
	int status;
	GError *error;
} TuneCommandJob;

/** The time until its deadline begins now. */
void tune_command_job_init(TuneCommandJob *job, const TuneCommand *command);

/** FALSE with @job's error when it could not be started. */
gboolean tune_command_job_start(TuneCommandJob *job, TuneRoot *root, const TuneCommand *command,
				TuneErrors errors);

/**
 * One turn for all of @jobs: wait until one of them writes or ends, or for the next deadline.
 *
 * @fds: room for TUNE_JOB_N_FDS of each.  FALSE when all have ended.
 */
gboolean tune_command_jobs_serve(TuneCommandJob *jobs, guint n_jobs, struct pollfd *fds);

/** Kills it and its children if they still run after an error, or if it is bound; waits until it has ended. */
void tune_command_job_clear(TuneCommandJob *job);

#endif
