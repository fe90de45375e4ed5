/* SPDX-License-Identifier: BSD-2-Clause */
/* How the kernel shows a value, and when two values are the same.  Knows text, not files. */
#ifndef TUNE_CODEC_H
#define TUNE_CODEC_H

#include <libtune/tune-tuning.h>

/** Between the words of a preference list in a wanted value: the first that the kernel offers counts. */
#define TUNE_PREFERENCE '|'

/**
 * @name: for people
 * @current: what stands, in the words of a policy, from what the file shows
 * @resolve: what should stand on this host, from what the file shows and what the policy wants;
 *   NULL when nothing that is wanted can be had here
 * @equal: whether what stands is what should
 * @check: NULL, or what is wrong with a wanted value (static text)
 */
typedef struct TuneCodec {
	const char *name;
	char *(*current)(const char *shown);
	char *(*resolve)(const char *shown, const char *want);
	gboolean (*equal)(const char *have, const char *should);
	const char *(*check)(const char *want);
} TuneCodec;

/** One or more words; any run of blanks is one blank. */
extern const TuneCodec tune_codec_text;
/** One decimal number. */
extern const TuneCodec tune_codec_number;
/** One number that may be larger than wanted. */
extern const TuneCodec tune_codec_at_least;
/** Numbers side by side, each of which may be larger than wanted, and is then kept. */
extern const TuneCodec tune_codec_vector;
/** Milliseconds that the kernel keeps in jiffies: 150 reads back as 152 at HZ=250. */
extern const TuneCodec tune_codec_jiffies;
/** One word of those shown, the one in force in brackets: "none [mq-deadline] kyber". */
extern const TuneCodec tune_codec_choice;
/** "on" or "off", with " [fixed]" behind it where it cannot be changed. */
extern const TuneCodec tune_codec_switch;
/** A number and the largest it can be: "512 of 4096"; "max" is the latter. */
extern const TuneCodec tune_codec_ring;

/** Whether @want lies in @domain ("LOW..HIGH" or "WORD|WORD"); NULL takes everything. */
gboolean tune_domain_contains(const char *domain, const char *want);

#endif
