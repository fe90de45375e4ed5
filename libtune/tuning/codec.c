/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/tuning/codec.h>

/* Linux can be built with HZ=100, 250, 300 or 1000, and does not tell; this is the longest jiffy. */
#define LONGEST_JIFFY_MS 10

static gboolean parse(const char *text, gint64 *number)
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

static char *want_folded(const char *shown G_GNUC_UNUSED, const char *want)
{
	return fold_blanks(want);
}

static gboolean same_text(const char *have, const char *should)
{
	return strcmp(have, should) == 0;
}

static const char *check_text(const char *want)
{
	g_autofree char *folded = fold_blanks(want);

	return *folded ? NULL : "is empty";
}

/* ---- numbers ---- */

/* In the plainest form: of what a sysctl is given, "010" would be octal and "+10" nothing at all. */
static char *plain_number(const char *text)
{
	gint64 number;

	return parse(text, &number) ? g_strdup_printf("%" G_GINT64_FORMAT, number) : g_strdup(text);
}

static char *want_number(const char *shown G_GNUC_UNUSED, const char *want)
{
	return plain_number(want);
}

static gboolean same_number(const char *have, const char *should)
{
	gint64 a, b;

	return parse(have, &a) && parse(should, &b) && a == b;
}

static const char *check_number(const char *want)
{
	gint64 number;

	return parse(want, &number) ? NULL : "is not a number";
}

static gboolean same_jiffy(const char *have, const char *should)
{
	gint64 a, b;

	/* msecs_to_jiffies() rounds up, so what stands is never less than what was written. */
	return parse(have, &a) && parse(should, &b) && a >= b && a < b + LONGEST_JIFFY_MS;
}

/* ---- numbers side by side ---- */

static char *larger(const char *have, const char *want)
{
	gint64 a, b;

	return parse(have, &a) && parse(want, &b) && a > b ? g_strdup(have) : plain_number(want);
}

/* All fields are always written: the kernel takes a short line and changes only the first ones. */
static char *raise_fields(const char *shown, const char *want)
{
	g_autofree char *have = fold_blanks(shown);
	g_autofree char *folded = fold_blanks(want);
	g_auto(GStrv) old = g_strsplit(have, " ", -1);
	g_auto(GStrv) new = g_strsplit(folded, " ", -1);

	if (g_strv_length(old) != g_strv_length(new))
		return NULL;
	for (guint i = 0; new[i]; i++) {
		char *raised = larger(old[i], new[i]);
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

/* ---- one of those shown ---- */

static char *bracketed(const char *shown)
{
	const char *open = strchr(shown, '[');
	const char *close = open ? strchr(open, ']') : NULL;

	return close ? g_strndup(open + 1, (gsize)(close - open - 1)) : fold_blanks(shown);
}

static gboolean offers(const char *shown, const char *word)
{
	g_auto(GStrv) words = g_strsplit_set(shown, " \t\n[]", -1);

	return g_strv_contains((const char *const *)words, word);
}

static char *first_offered(const char *shown, const char *want)
{
	const char preference[] = { TUNE_PREFERENCE, '\0' };
	g_auto(GStrv) words = g_strsplit(want, preference, -1);

	for (char **word = words; *word; word++)
		if (offers(shown, *word))
			return g_strdup(*word);
	/* What is built as a module is not shown until its name is written. */
	return words[0] && !words[1] && strchr(shown, '[') ? g_strdup(words[0]) : NULL;
}

static const char *check_choice(const char *want)
{
	return *want && !strpbrk(want, " \t\n[]") ? NULL : "is not one word";
}

/* ---- switches ---- */

static char *first_word(const char *shown)
{
	return g_strndup(shown, strcspn(shown, " "));
}

static char *want_switch(const char *shown, const char *want)
{
	return strstr(shown, "[fixed]") && !g_str_has_prefix(shown, want) ? NULL : g_strdup(want);
}

/* YAML's other words for the same; ethtool(8) knows only these two. */
static const char *check_switch(const char *want)
{
	return strcmp(want, "on") == 0 || strcmp(want, "off") == 0 ? NULL : "is not on or off";
}

/* ---- a number of at most another ---- */

static char *want_ring(const char *shown, const char *want)
{
	const char *of = strstr(shown, " of ");
	const char *most = of ? of + strlen(" of ") : NULL;
	gint64 a, b;

	if (strcmp(want, "max") == 0)
		return g_strdup(most);
	return most && parse(want, &a) && parse(most, &b) && a > b ? NULL : plain_number(want);
}

static const char *check_ring(const char *want)
{
	gint64 number;

	if (strcmp(want, "max") == 0 || (parse(want, &number) && number > 0))
		return NULL;
	return "is not a number above 0, or max";
}

/* clang-format off */
const TuneCodec tune_codec_text =     { "text",     fold_blanks, want_folded,   same_text,   check_text };
const TuneCodec tune_codec_number =   { "number",   fold_blanks, want_number,   same_number, check_number };
const TuneCodec tune_codec_at_least = { "at-least", fold_blanks, raise_fields,  same_number, check_number };
const TuneCodec tune_codec_vector =   { "at-least per field", fold_blanks, raise_fields, same_text, check_vector };
const TuneCodec tune_codec_jiffies =  { "jiffies",  fold_blanks, want_number,   same_jiffy,  check_number };
const TuneCodec tune_codec_choice =   { "choice",   bracketed,   first_offered, same_text,   check_choice };
const TuneCodec tune_codec_switch =   { "switch",   first_word,  want_switch,   same_text,   check_switch };
const TuneCodec tune_codec_ring =     { "number",   first_word,  want_ring,     same_number, check_ring };
/* clang-format on */

static gboolean in_range(const char *domain, const char *dots, const char *want)
{
	g_autofree char *low = g_strndup(domain, (gsize)(dots - domain));
	gint64 least, most, number;

	return parse(low, &least) && parse(dots + 2, &most) && parse(want, &number) &&
	       number >= least && number <= most;
}

gboolean tune_domain_contains(const char *domain, const char *want)
{
	if (!domain)
		return TRUE;
	const char *dots = strstr(domain, "..");
	if (dots)
		return in_range(domain, dots, want);
	g_auto(GStrv) words = g_strsplit(domain, "|", -1);
	return g_strv_contains((const char *const *)words, want);
}
