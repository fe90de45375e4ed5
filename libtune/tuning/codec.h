/* SPDX-License-Identifier: BSD-2-Clause */
/* How the kernel shows values, and when two values are the same.  Works on text, not on files. */
#ifndef TUNE_CODEC_H
#define TUNE_CODEC_H

#include <libtune/tune-tuning.h>

/** Separates the words of a preference list in a wanted value; the first word that the kernel offers counts. */
#define TUNE_PREFERENCE '|'

/**
 * @name: for messages and lists
 * @current: the current value as a policy would write it, from the text that is shown; free it
 * @resolve: the value to write on this host, from the text that is shown and the value that the policy wants; free it;
 *   NULL when the host cannot have it
 * @equal: whether the current value is as it should be
 * @check: what is wrong with a wanted value, static text; NULL when nothing is
 * @find_obstacle: why what is shown could not be put back once it is replaced, static text; NULL when it can.  The
 *   function itself is NULL where all that the kernel shows can be
 */
typedef struct TuneCodec {
	const char *name;
	char *(*current)(const char *shown);
	char *(*resolve)(const char *shown, const char *want);
	gboolean (*equal)(const char *have, const char *should);
	const char *(*check)(const char *want);
	const char *(*find_obstacle)(const char *shown);
} TuneCodec;

/** One or more words; any run of blanks is one blank. */
extern const TuneCodec tune_codec_text;
/** One of these kinds, and a processor mask, Y or N, md's "200000 (system)", exact numbers: what is shown tells which. */
extern const TuneCodec tune_codec_shown;
/** One decimal number. */
extern const TuneCodec tune_codec_number;
/** One number that may be larger than wanted. */
extern const TuneCodec tune_codec_at_least;
/** Several numbers; one that is larger than wanted is kept. */
extern const TuneCodec tune_codec_vector;
/** Milliseconds that the kernel keeps in jiffies: 150 reads back as 152 at HZ=250. */
extern const TuneCodec tune_codec_jiffies;
/** One of the words that are shown, or an old name of it; the current one is in brackets: "none [mq-deadline] kyber". */
extern const TuneCodec tune_codec_choice;
/** "on" or "off", followed by " [fixed]" when it cannot be changed. */
extern const TuneCodec tune_codec_switch;
/** A number and its maximum: "512 of 4096"; "max" is the maximum. */
extern const TuneCodec tune_codec_ring;

/** Whether @want lies in @domain ("LOW..HIGH" or "WORD|WORD"); NULL takes everything. */
gboolean tune_domain_contains(const char *domain, const char *want);

#endif
