/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/tuning/codec.h>

#include "tests/unit/check.h"

/* The shown text and the wanted one; the current value, the value to write, and whether they are equal. */
typedef struct {
	const TuneCodec *codec;
	const char *shown;
	const char *want;
	const char *current;
	const char *should;
	gboolean is_same;
} Row;

static const Row rows[] = {
	{ &tune_codec_text, "a\t b", "a b", "a b", "a b", TRUE },
	/* A choice, in a parameter that the table does not name. */
	{ &tune_codec_shown, "none [mq-deadline] kyber", "kyber", "mq-deadline", "kyber", FALSE },
	{ &tune_codec_shown, "none mq-deadline [kyber]", "kyber", "kyber", "kyber", TRUE },
	{ &tune_codec_shown, "none [mq-deadline]", "bfq none", "mq-deadline", "none", FALSE },
	{ &tune_codec_shown, "none [mq-deadline]", "deadline", "mq-deadline", "mq-deadline", TRUE },
	{ &tune_codec_shown, "[default] performance\n", "performance", "default", "performance",
	  FALSE },
	/* A switch of a module is shown as a letter, and another one as a digit. */
	{ &tune_codec_shown, "Y\n", "1", "Y", "Y", TRUE },
	{ &tune_codec_shown, "N", "on", "N", "Y", FALSE },
	{ &tune_codec_shown, "N", "False", "N", "N", TRUE },
	{ &tune_codec_shown, "0", "Y", "0", "1", FALSE },
	{ &tune_codec_shown, "1", "1", "1", "1", TRUE },
	/* The kernel takes words that it does not show; only it knows what they mean. */
	{ &tune_codec_shown, "Y", "auto", "Y", "auto", FALSE },
	/* md: only "system" goes back to the system's value. */
	{ &tune_codec_shown, "200000 (system)", "200000", "system", "200000", FALSE },
	{ &tune_codec_shown, "200000 (local)", "200000", "200000", "200000", TRUE },
	{ &tune_codec_shown, "200000 (system)", "system", "system", "system", TRUE },
	{ &tune_codec_shown, "200000 (system)", "fast", "system", NULL, FALSE },
	/* Masks of processors: 40 of them, and 8. */
	{ &tune_codec_shown, "00,00000003", "3", "00,00000003", "3", TRUE },
	{ &tune_codec_shown, "00000000,00000003", "0x3", "00000000,00000003", "3", TRUE },
	{ &tune_codec_shown, "00,00000000", "FF00000000", "00,00000000", "ff,00000000", FALSE },
	{ &tune_codec_shown, "ff", "0F", "ff", "f", FALSE },
	{ &tune_codec_shown, "0f", "f", "0f", "f", TRUE },
	{ &tune_codec_shown, "3", "00000000,00000003", "3", "3", TRUE },
	{ &tune_codec_shown, "3", "f", "3", "f", FALSE },
	{ &tune_codec_shown, "00,00000000", "0", "00,00000000", "0", TRUE },
	/* Numbers, one or several, which are also lowered; some of the table are only raised. */
	{ &tune_codec_shown, "10", "010", "10", "10", TRUE },
	{ &tune_codec_shown, "20", "10", "20", "10", FALSE },
	{ &tune_codec_shown, "0x1003", "4099", "0x1003", "0x1003", TRUE },
	{ &tune_codec_shown, "4099", "0x1003", "4099", "4099", TRUE },
	{ &tune_codec_shown, "4\t4\t1\t7", "4 4 1 7", "4 4 1 7", "4 4 1 7", TRUE },
	{ &tune_codec_shown, "4\t4\t1\t7", "3 4 1 7", "4 4 1 7", "3 4 1 7", FALSE },
	/* The kernel would set the first field alone, and never show what was wanted. */
	{ &tune_codec_shown, "4\t4\t1\t7", "3", "4 4 1 7", NULL, FALSE },
	{ &tune_codec_shown, "max 100000", "50000 100000", "max 100000", "50000 100000", FALSE },
	{ &tune_codec_shown, "reno  cubic", "cubic", "reno cubic", "cubic", FALSE },
	{ &tune_codec_shown, "", "8080", "", "8080", FALSE },
	{ &tune_codec_text, "Y", "N", "Y", "N", FALSE },
	{ &tune_codec_number, "10", "10", "10", "10", TRUE },
	/* If it were written like this, a sysctl would take it for octal. */
	{ &tune_codec_number, "10", "010", "10", "10", TRUE },
	{ &tune_codec_number, "8", "010", "8", "10", FALSE },
	{ &tune_codec_number, "10", "+10", "10", "10", TRUE },
	{ &tune_codec_number, "-1", "-1", "-1", "-1", TRUE },
	{ &tune_codec_jiffies, "152", "0150", "152", "150", TRUE },
	{ &tune_codec_at_least, "8", "010", "8", "10", FALSE },
	{ &tune_codec_vector, "1 2 3", "010 +2 0", "1 2 3", "10 2 3", FALSE },
	{ &tune_codec_number, "60", "10", "60", "10", FALSE },
	{ &tune_codec_number, "", "10", "", "10", FALSE },
	{ &tune_codec_at_least, "4194304", "212992", "4194304", "4194304", TRUE },
	{ &tune_codec_at_least, "212992", "4194304", "212992", "4194304", FALSE },
	/* The wiki's triple against Linux 6.18: the old maximum must not come down. */
	{ &tune_codec_vector, "4096\t131072\t33554432", "131072 131072 10485760",
	  "4096 131072 33554432", "131072 131072 33554432", FALSE },
	{ &tune_codec_vector, "4096\t131072\t33554432", "4096 131072 16777216",
	  "4096 131072 33554432", "4096 131072 33554432", TRUE },
	{ &tune_codec_vector, "1 2", "1 2 3", "1 2", NULL, FALSE },
	/* HZ=250: 150 ms are 37.5 jiffies, kept as 38. */
	{ &tune_codec_jiffies, "152", "150", "152", "150", TRUE },
	{ &tune_codec_jiffies, "150", "150", "150", "150", TRUE },
	{ &tune_codec_jiffies, "148", "150", "148", "150", FALSE },
	{ &tune_codec_jiffies, "160", "150", "160", "150", FALSE },
	{ &tune_codec_jiffies, "500", "150", "500", "150", FALSE },
	{ &tune_codec_choice, "[none] mq-deadline kyber", "mq-deadline", "none", "mq-deadline",
	  FALSE },
	{ &tune_codec_choice, "none [mq-deadline]", "mq-deadline", "mq-deadline", "mq-deadline",
	  TRUE },
	{ &tune_codec_choice, "[none]", "mq-deadline|none", "none", "none", TRUE },
	{ &tune_codec_choice, "[none] mq-deadline", "bfq|mq-deadline|none", "none", "mq-deadline",
	  FALSE },
	/* bfq may be a module that is loaded by writing its name. */
	{ &tune_codec_choice, "[none] mq-deadline", "bfq", "none", "bfq", FALSE },
	{ &tune_codec_choice, "[none] mq-deadline", "bfq|kyber", "none", NULL, FALSE },
	/* A dm device has nothing to choose, and shows no brackets. */
	{ &tune_codec_choice, "none", "mq-deadline", "none", NULL, FALSE },
	{ &tune_codec_choice, "none [mq-deadline]", "deadline|none", "mq-deadline", "mq-deadline",
	  TRUE },
	{ &tune_codec_choice, "[none] kyber", "deadline|none", "none", "none", TRUE },
	/* Single-queue devices up to Linux 4.19 have another name for it. */
	{ &tune_codec_choice, "noop [deadline] cfq", "deadline", "deadline", "deadline", TRUE },
	{ &tune_codec_choice, "[always] madvise never", "never", "always", "never", FALSE },
	{ &tune_codec_switch, "on", "off", "on", "off", FALSE },
	{ &tune_codec_switch, "off", "off", "off", "off", TRUE },
	{ &tune_codec_switch, "off [fixed]", "off", "off", "off", TRUE },
	{ &tune_codec_switch, "off [fixed]", "on", "off", NULL, FALSE },
	{ &tune_codec_switch, "on [fixed]", "off", "on", NULL, FALSE },
	{ &tune_codec_ring, "512 of 4096", "max", "512", "4096", FALSE },
	{ &tune_codec_ring, "4096 of 4096", "max", "4096", "4096", TRUE },
	{ &tune_codec_ring, "512 of 4096", "0512", "512", "512", TRUE },
	{ &tune_codec_ring, "512 of 4096", "4097", "512", NULL, FALSE },
	{ &tune_codec_ring, "512", "max", "512", NULL, FALSE },
};

static void test_rows(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("'%s' to become '%s'", rows[i].shown, rows[i].want);
		const Row *row = &rows[i];
		g_autofree char *current = row->codec->current(row->shown);
		g_autofree char *should = row->codec->resolve(row->shown, row->want);
		CHECK_TEXT(current, row->current);
		CHECK_TEXT(should, row->should);
		CU_ASSERT_EQUAL(should && row->codec->equal(current, should), row->is_same);
	}
}

/* A written value must be read back as the wanted one, or each apply would write it again. */
static void test_written_is_wanted(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("'%s' to become '%s'", rows[i].shown, rows[i].want);
		g_autofree char *should = rows[i].codec->resolve(rows[i].shown, rows[i].want);
		g_autofree char *again = should ? rows[i].codec->current(should) : NULL;
		if (should)
			CU_ASSERT(rows[i].codec->equal(again, should));
	}
}

static void test_check(void)
{
	CU_ASSERT_PTR_NULL(tune_codec_number.check("10"));
	CU_ASSERT_PTR_NULL(tune_codec_number.check("-1"));
	CHECK_TEXT(tune_codec_number.check("lots"), "is not a number");
	CHECK_TEXT(tune_codec_number.check("10 "), "is not a number");
	CHECK_TEXT(tune_codec_number.check("0x10"), "is not a number");
	CHECK_TEXT(tune_codec_number.check("99999999999999999999"), "is not a number");
	CU_ASSERT_PTR_NULL(tune_codec_vector.check("1 2\t3"));
	CHECK_TEXT(tune_codec_vector.check("1 x 3"), "is not a row of numbers");
	CHECK_TEXT(tune_codec_vector.check(""), "is empty");
	CU_ASSERT_PTR_NULL(tune_codec_choice.check("none"));
	CHECK_TEXT(tune_codec_choice.check("[none]"), "is not one word");
	CHECK_TEXT(tune_codec_choice.check(""), "is not one word");
	CHECK_TEXT(tune_codec_text.check(" \t"), "is empty");
	CU_ASSERT_PTR_NULL(tune_codec_switch.check("off"));
	CHECK_TEXT(tune_codec_switch.check("no"), "is not on or off");
	CU_ASSERT_PTR_NULL(tune_codec_ring.check("max"));
	CU_ASSERT_PTR_NULL(tune_codec_ring.check("1"));
	CHECK_TEXT(tune_codec_ring.check("0"), "is not a number above 0, or max");
	CHECK_TEXT(tune_codec_ring.check("-1"), "is not a number above 0, or max");
	CHECK_TEXT(tune_codec_ring.check("most"), "is not a number above 0, or max");
}

/* Only a text that is a value and nothing else can be written back. */
static void test_obstacles(void)
{
	static const struct {
		const char *shown;
		gboolean has_obstacle;
	} rows_of_obstacles[] = {
		{ "none [mq-deadline] kyber\n", FALSE },
		{ "10\n", FALSE },
		{ "4\t4\t1\t7\n", FALSE },
		{ "reno cubic\n", FALSE },
		{ "|/usr/lib/dump %p (%u)x", FALSE },
		{ "", FALSE },
		{ "200000 (system)\n", FALSE },
		{ "1000 (local)\n", FALSE },
		{ "(null)\n", TRUE },
		{ "3 (enabled)\n", TRUE },
		{ "[a] b [c]\n", TRUE },
		{ "8:0 rbps=1\n8:16 rbps=2\n", TRUE },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows_of_obstacles); i++) {
		check_row(rows_of_obstacles[i].shown);
		CU_ASSERT_EQUAL(tune_codec_shown.find_obstacle(rows_of_obstacles[i].shown) != NULL,
				rows_of_obstacles[i].has_obstacle);
	}
}

static void test_domain(void)
{
	CU_ASSERT(tune_domain_contains(NULL, "anything"));
	CU_ASSERT(tune_domain_contains("0..2", "0"));
	CU_ASSERT(tune_domain_contains("0..2", "2"));
	CU_ASSERT_FALSE(tune_domain_contains("0..2", "3"));
	CU_ASSERT_FALSE(tune_domain_contains("0..2", "-1"));
	CU_ASSERT(tune_domain_contains("always|madvise|never", "madvise"));
	CU_ASSERT_FALSE(tune_domain_contains("always|madvise|never", "mad"));
}

int main(void)
{
	static const Check checks[] = {
		{ "rows", test_rows },
		{ "what is written is what was wanted", test_written_is_wanted },
		{ "check", test_check },
		{ "what cannot be put back", test_obstacles },
		{ "domain", test_domain },
		{ NULL, NULL },
	};

	return check_main("codec", checks);
}
