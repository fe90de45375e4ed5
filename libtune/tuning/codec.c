/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/tuning/codec.h>

/* Linux is built with HZ=100, 250, 300 or 1000, and does not show which; so the longest jiffy is assumed. */
#define LONGEST_JIFFY_MS 10

static gboolean parse_number(const char *text, gint64 *number)
{
	return g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, number, NULL);
}

/* ---- words ---- */

static char *fold_blanks(const char *shown)
{
	g_auto(GStrv) words = g_strsplit_set(shown, " \t\n", -1);
	GString *folded = g_string_sized_new(strlen(shown));

	for (char **word = words; *word; word++)
		if (**word)
			g_string_append_printf(folded, "%s%s", folded->len ? " " : "", *word);
	return g_string_free(folded, FALSE);
}

static char *resolve_text(const char *shown G_GNUC_UNUSED, const char *want)
{
	return fold_blanks(want);
}

static gboolean is_same_text(const char *have, const char *should)
{
	return strcmp(have, should) == 0;
}

static const char *check_text(const char *want)
{
	g_autofree char *folded = fold_blanks(want);

	return *folded ? NULL : "is empty";
}

/* ---- numbers ---- */

/* Without leading zeros and a plus sign: a sysctl reads "010" as octal, and refuses "+10". */
static char *format_plainly(const char *text)
{
	gint64 number;

	return parse_number(text, &number) ? g_strdup_printf("%" G_GINT64_FORMAT, number)
					   : g_strdup(text);
}

static char *resolve_number(const char *shown G_GNUC_UNUSED, const char *want)
{
	return format_plainly(want);
}

static gboolean is_same_number(const char *have, const char *should)
{
	gint64 a, b;

	return parse_number(have, &a) && parse_number(should, &b) && a == b;
}

static const char *check_number(const char *want)
{
	gint64 number;

	return parse_number(want, &number) ? NULL : "is not a number";
}

static gboolean is_same_jiffy(const char *have, const char *should)
{
	gint64 a, b;

	/* msecs_to_jiffies() rounds up, so the current value is never less than the one that was written. */
	return parse_number(have, &a) && parse_number(should, &b) && a >= b &&
	       a < b + LONGEST_JIFFY_MS;
}

/* ---- several numbers ---- */

static char *choose_larger(const char *have, const char *want)
{
	gint64 a, b;

	return parse_number(have, &a) && parse_number(want, &b) && a > b ? g_strdup(have)
									 : format_plainly(want);
}

/* All fields are always written, since the kernel changes only the first ones when it gets fewer. */
static char *resolve_fields(const char *shown, const char *want)
{
	g_autofree char *have = fold_blanks(shown);
	g_autofree char *folded = fold_blanks(want);
	g_auto(GStrv) old = g_strsplit(have, " ", -1);
	g_auto(GStrv) new = g_strsplit(folded, " ", -1);

	if (g_strv_length(old) != g_strv_length(new))
		return NULL;
	for (guint i = 0; new[i]; i++) {
		char *raised = choose_larger(old[i], new[i]);
		g_free(new[i]);
		new[i] = raised;
	}
	return g_strjoinv(" ", new);
}

static const char *check_vector(const char *want)
{
	g_autofree char *folded = fold_blanks(want);
	g_auto(GStrv) fields = g_strsplit(folded, " ", -1);

	for (char **field = fields; *field; field++)
		if (check_number(*field))
			return "is not a row of numbers";
	return *fields ? NULL : "is empty";
}

/* ---- choices ---- */

static char *get_bracketed(const char *shown)
{
	const char *open = strchr(shown, '[');
	const char *close = open ? strchr(open, ']') : NULL;

	return close ? g_strndup(open + 1, (gsize)(close - open - 1)) : fold_blanks(shown);
}

static gboolean is_offered(const char *shown, const char *word)
{
	g_auto(GStrv) words = g_strsplit_set(shown, " \t\n[]", -1);

	return g_strv_contains((const char *const *)words, word);
}

/* Names that the kernel takes, but does not show (elevator_alias of block/mq-deadline.c). */
static const struct {
	const char *old;
	const char *name;
} renamed[] = {
	{ "deadline", "mq-deadline" },
};

/* As the kernel shows it; NULL when it does not offer @word. */
static const char *find_offered(const char *shown, const char *word)
{
	if (is_offered(shown, word))
		return word;
	for (guint i = 0; i < G_N_ELEMENTS(renamed); i++) {
		if (strcmp(renamed[i].old, word) == 0 && is_offered(shown, renamed[i].name))
			return renamed[i].name;
		if (strcmp(renamed[i].name, word) == 0 && is_offered(shown, renamed[i].old))
			return renamed[i].old;
	}
	return NULL;
}

static char *resolve_choice(const char *shown, const char *want)
{
	const char preference[] = { TUNE_PREFERENCE, '\0' };
	g_auto(GStrv) words = g_strsplit(want, preference, -1);

	for (char **word = words; *word; word++) {
		const char *offered = find_offered(shown, *word);
		if (offered)
			return g_strdup(offered);
	}
	/* A choice that is built as a module is not shown before its name is written. */
	return words[0] && !words[1] && strchr(shown, '[') ? g_strdup(words[0]) : NULL;
}

static const char *check_choice(const char *want)
{
	return *want && !strpbrk(want, " \t\n[]") ? NULL : "is not one word";
}

/* ---- switches ---- */

static char *get_first_word(const char *shown)
{
	return g_strndup(shown, strcspn(shown, " "));
}

static char *resolve_switch(const char *shown, const char *want)
{
	return strstr(shown, "[fixed]") && !g_str_has_prefix(shown, want) ? NULL : g_strdup(want);
}

/* Not YAML's other words for the same: ethtool(8) takes only these two. */
static const char *check_switch(const char *want)
{
	return strcmp(want, "on") == 0 || strcmp(want, "off") == 0 ? NULL : "is not on or off";
}

/* ---- a number with its maximum ---- */

static char *resolve_ring(const char *shown, const char *want)
{
	const char *of = strstr(shown, " of ");
	const char *most = of ? of + strlen(" of ") : NULL;
	gint64 a, b;

	if (strcmp(want, "max") == 0)
		return g_strdup(most);
	return most && parse_number(want, &a) && parse_number(most, &b) && a > b
		       ? NULL
		       : format_plainly(want);
}

static const char *check_ring(const char *want)
{
	gint64 number;

	if (strcmp(want, "max") == 0 || (parse_number(want, &number) && number > 0))
		return NULL;
	return "is not a number above 0, or max";
}

/* clang-format off */
const TuneCodec tune_codec_text =     { "text",     fold_blanks, resolve_text,   is_same_text,   check_text, NULL };
const TuneCodec tune_codec_number =   { "number",   fold_blanks, resolve_number,   is_same_number, check_number, NULL };
const TuneCodec tune_codec_at_least = { "at-least", fold_blanks, resolve_fields,  is_same_number, check_number, NULL };
const TuneCodec tune_codec_vector =   { "at-least per field", fold_blanks, resolve_fields, is_same_text, check_vector, NULL };
const TuneCodec tune_codec_jiffies =  { "jiffies",  fold_blanks, resolve_number,   is_same_jiffy,  check_number, NULL };
const TuneCodec tune_codec_choice =   { "choice",   get_bracketed,   resolve_choice, is_same_text,   check_choice, NULL };
const TuneCodec tune_codec_switch =   { "switch",   get_first_word,  resolve_switch,   is_same_text,   check_switch, NULL };
const TuneCodec tune_codec_ring =     { "number",   get_first_word,  resolve_ring,     is_same_number, check_ring, NULL };
/* clang-format on */

static gboolean is_in_range(const char *domain, const char *dots, const char *want)
{
	g_autofree char *low = g_strndup(domain, (gsize)(dots - domain));
	gint64 least, most, number;

	return parse_number(low, &least) && parse_number(dots + 2, &most) &&
	       parse_number(want, &number) && number >= least && number <= most;
}

gboolean tune_domain_contains(const char *domain, const char *want)
{
	if (!domain)
		return TRUE;
	const char *dots = strstr(domain, "..");
	if (dots)
		return is_in_range(domain, dots, want);
	g_auto(GStrv) words = g_strsplit(domain, "|", -1);
	return g_strv_contains((const char *const *)words, want);
}
